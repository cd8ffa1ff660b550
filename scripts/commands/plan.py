"""blueprint plan"""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import click

from scripts import options


@click.command()
@options.stacks
@options.settings
@options.out
@options.target
@options.as_json
@click.option("--since", metavar="COMMIT", help="Only stacks that are not what they were there, as origin/main.")
@click.option("--save", metavar="gs://BUCKET/PREFIX", help="Keep the plans there, for 'deploy --saved'.")
@click.option("--plans", type=click.Path(path_type=Path), help="Write the plans as JSON there, for 'policy check'.")
@click.option("--report", metavar="gs://BUCKET/NAME", help="Where changes are pending, write there what they are.")
@click.option("--looking", is_flag=True, help="As the identity that only reads; it locks no state.")
@click.option("--next", "following", is_flag=True, help="Only the first wave of the pipeline that has changes.")
@click.option("--after", metavar="WAVE", help="With --next: of the waves after this one.")
def command(
    stacks: tuple[str, ...],
    settings: Path,
    out: Path,
    target: str,
    as_json: bool,
    since: str | None,
    save: str | None,
    plans: Path | None,
    report: str | None,
    looking: bool,
    following: bool,
    after: str | None,
) -> None:
    """Show what a deploy would change in STACKS (names or globs; default all) and what they need.

    Named apart: who gets or loses a right, and what is destroyed or made anew. Ends with 5 where changes are pending.
    On Google the plans are saved, and deploy applies exactly them.
    """
    from operations import saved_plans, waves
    from operations.changed import since as changed
    from operations.deploying import Run
    from operations.deploying import as_json as machine_view
    from operations.outcome import Exit
    from operations.planned import report as every_change
    from operations.planned import told_apart, write_plans
    from operations.serving import clients
    from operations.synth import synth
    from operations.target import opened
    from scripts.progress import Shown, told
    from settings.loading import names_of, read

    graph = synth(settings, out).select(stacks)
    graph = changed(graph, settings, Path.cwd(), since) if since else graph
    turns = waves.following(graph, after) if following or after else [graph]
    looks_as = names_of(read(settings)).deployer("plan") if looking else ""
    with opened(target, Path.cwd()) as place, Shown("plan", len(graph.stacks)) as shown:
        graph, results = Run(place, shown, looks_as=looks_as).plan_first(turns)
        apart = told_apart(place, graph, results)
        if plans:
            write_plans(place, graph, results, plans)
        with clients(target, Path.cwd()) if save or report else nullcontext():
            if save:
                click.echo(f"{saved_plans.save(place, graph.stacks.values(), save)} plans kept in {save}", err=True)
            if report and apart:
                saved_plans.write_report(report, every_change(place, graph, results))
    if as_json:
        click.echo(json.dumps(machine_view(place, results), indent=2))
    else:
        for r in results:
            if r.waits_for:
                click.echo(f"  {r.name:<28} waits for {', '.join(r.waits_for)}")
            elif r.changes.total:
                click.echo(f"  {r.name:<28} {told(r.changes)}")
            for line in apart.get(r.name, ()):
                click.echo(f"      {line}")
        unchanged = sum(not (r.changes.total or r.waits_for) for r in results)
        click.echo(f"{len(results)} stacks, {unchanged} without changes - {place.label}")
    if any(r.changes.total or r.waits_for for r in results):
        raise click.exceptions.Exit(Exit.CHANGES)
