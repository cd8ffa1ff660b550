"""blueprint destroy"""

from __future__ import annotations

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
def command(stacks: tuple[str, ...], settings: Path, out: Path, target: str, auto_approve: bool, explain: bool) -> None:
    """Take down STACKS (names or globs; default all) and all that need them.

    First a plan of its own lifts the protections, then everything goes. What Google never deletes is listed as kept.
    """
    from operations.deploying import Run
    from operations.protections import explained
    from operations.synth import synth
    from operations.target import opened
    from scripts.asking import confirmation
    from scripts.progress import Shown

    graph = synth(settings, out).dependents(stacks)
    if explain:
        click.echo("\n".join(explained(graph)))
        return
    confirm = confirmation(auto_approve)
    with opened(target, Path.cwd()) as place:
        with Shown("destroy", len(graph.stacks)) as shown:
            results = Run(place, shown, confirm).destroy(graph)
        kept = place.kept()
    gone = sum(r.changes.destroy for r in results)
    click.echo(f"{gone} resources destroyed in {sum(1 for r in results if r.changes.destroy)} stacks - {place.label}")
    if kept:
        click.echo(f"{len(kept)} kept, because Google never deletes them or gives their names back:")
        for type_, id_ in kept:
            click.echo(f"  {type_:<24} {id_}")
