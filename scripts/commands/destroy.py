"""blueprint destroy"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from scripts import options


@click.command()
@options.stacks
@options.settings
@options.out
@options.target
@options.auto_approve
@click.option(
    "--explain", is_flag=True, help="Only say what would go, what protects it and what stays; change nothing."
)
@click.option("--gone", is_flag=True, help="Instead: what was deployed from here and is no longer in the settings.")
def command(
    stacks: tuple[str, ...], settings: Path, out: Path, target: str, auto_approve: bool, explain: bool, gone: bool
) -> None:
    """Take down STACKS (names or globs; default all) and all that need them.

    First a plan of its own lifts the protections, then everything goes. What Google never deletes is listed as kept.
    """
    from operations.deploying import Run
    from operations.protections import explained
    from operations.synth import synth
    from operations.target import opened
    from operations.workspace import left_over
    from scripts.asking import confirmation
    from scripts.progress import Shown

    if gone and stacks:
        raise click.UsageError("--gone is about stacks that have no name here any more; leave out STACKS")
    confirm = None if explain else confirmation(auto_approve)
    whole = synth(settings, out)
    graph = whole.dependents(stacks)
    with opened(target, Path.cwd()) as place:
        if gone:
            graph = left_over(place, whole)
        if explain:
            click.echo("\n".join(explained(graph)))
            return
        with Shown("destroy", len(graph.stacks)) as shown:
            results = Run(place, shown, shown.asking(confirm)).destroy(graph)
        kept = place.kept()
    count = sum(r.changes.destroy for r in results)
    click.echo(f"{count} resources destroyed in {sum(1 for r in results if r.changes.destroy)} stacks - {place.label}")
    if kept:
        click.echo(f"{len(kept)} kept, because Google never deletes them or never gives their names back:")
        for type_, number in sorted(Counter(type_ for type_, _ in kept).items()):
            click.echo(f"  {number:>4} {type_}")
        everything = whole.stacks == graph.stacks
        anew = "a new suffix in organization.yaml" if everything else "new names, a team another key"
        click.echo(f"Deploying the same again needs {anew}; in the sandbox: blueprint sandbox reset")
