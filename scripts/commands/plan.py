"""blueprint plan"""

from __future__ import annotations

import json
from pathlib import Path

import click

from scripts import options


@click.command()
@options.stacks
@options.settings
@options.out
@options.target
@options.as_json
@click.option("--save", metavar="gs://BUCKET/PREFIX", help="Keep the plans there, for 'deploy --saved'.")
def command(stacks: tuple[str, ...], settings: Path, out: Path, target: str, as_json: bool, save: str | None) -> None:
    """Show what a deploy would change in STACKS (names or globs; default all) and what they need.

    Ends with 5 where changes are pending. On Google the plans are saved, and deploy applies exactly them.
    """
    from operations import saved_plans
    from operations.deploying import Run
    from operations.deploying import as_json as machine_view
    from operations.outcome import Exit
    from operations.serving import clients
    from operations.synth import synth
    from operations.target import opened
    from scripts.progress import Shown, told

    graph = synth(settings, out).select(stacks)
    with opened(target, Path.cwd()) as place, Shown("plan", len(graph.stacks)) as shown:
        results = Run(place, shown).plan(graph)
        if save:
            with clients(target, Path.cwd()):
                kept = saved_plans.save(place, graph.stacks.values(), save)
            click.echo(f"{kept} plans kept in {save}", err=True)
    if as_json:
        click.echo(json.dumps(machine_view(place, results), indent=2))
    else:
        for r in results:
            if r.waits_for:
                click.echo(f"  {r.name:<28} waits for {', '.join(r.waits_for)}")
            elif r.changes.total:
                click.echo(f"  {r.name:<28} {told(r.changes)}")
        unchanged = sum(not (r.changes.total or r.waits_for) for r in results)
        click.echo(f"{len(results)} stacks, {unchanged} without changes - {place.label}")
    if any(r.changes.total or r.waits_for for r in results):
        raise click.exceptions.Exit(Exit.CHANGES)
