"""blueprint deploy"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options

SHOWN = 4


@click.command()
@options.stacks
@options.settings
@options.out
@options.target
@options.auto_approve
@click.option("--saved", metavar="gs://BUCKET/PREFIX", help="Apply the plans that 'plan --save' kept there, no others.")
@click.option("--wave", help="Only the stacks of this wave of the pipeline.")
def command(
    stacks: tuple[str, ...],
    settings: Path,
    out: Path,
    target: str,
    auto_approve: bool,
    saved: str | None,
    wave: str | None,
) -> None:
    """Make the target equal to STACKS (names or globs; default all) and what they need, in order.

    State is backed up first. Interrupted runs lose nothing: the same command continues.
    """
    from operations import saved_plans, waves
    from operations.deploying import Run, first_deploy
    from operations.doctor import before_first_change
    from operations.serving import clients
    from operations.synth import synth
    from operations.target import opened
    from scripts.asking import confirmation
    from scripts.progress import Shown, told

    confirm = confirmation(auto_approve)
    selected = synth(settings, out).select(stacks)
    graph = waves.wave(selected, wave) if wave else selected
    with opened(target, Path.cwd()) as place:
        for sentence in place.recovered[:SHOWN]:
            click.echo(f"recovered: {sentence}", err=True)
        if (more := len(place.recovered) - SHOWN) > 0:
            click.echo(f"recovered: {more} more of a run that died", err=True)
        if saved:
            with clients(target, Path.cwd()):
                for name in sorted(set(graph.stacks) - set(saved_plans.fetch(place, graph.stacks.values(), saved))):
                    click.echo(f"{name} has no plan there and stays as it is", err=True)
        if first_deploy(place, selected):
            before_first_change(settings, target, Path.cwd(), selected)
        with Shown("deploy", len(graph.stacks)) as shown:
            results = Run(place, shown, shown.asking(confirm), saved=bool(saved)).deploy(graph)
    changed = [r for r in results if r.changes.total]
    for r in changed:
        click.echo(f"  {r.name:<28} {r.resources:>4} resources   {told(r.changes).replace(' to ', ' ')}")
    total = sum(r.resources for r in results)
    click.echo(f"{len(results)} stacks, {total} resources, {len(changed)} stacks changed - {place.label}")
