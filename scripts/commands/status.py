"""blueprint status"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options


@click.command()
@options.stacks
@options.settings
@options.out
@options.target
@options.as_json
def command(stacks: tuple[str, ...], settings: Path, out: Path, target: str, as_json: bool) -> None:
    """Show what exists now in STACKS (names or globs; default all)."""
    from operations.status import StackStatus, status
    from operations.status import as_json as machine_view
    from operations.synth import synth
    from operations.target import opened

    graph = synth(settings, out)
    with opened(target, Path.cwd()) as place:
        found = status(place, graph, stacks)
        if as_json:
            click.echo(machine_view(place, found))
            return
        kept = place.kept()

    def note(one: StackStatus) -> str:
        if not one.in_settings:
            return "   no longer in the settings: blueprint destroy --gone"
        return "" if one.resources else "   not deployed"

    click.echo(place.label)
    for one in found:
        click.echo(f"  {one.name:<28} {one.resources:>5}" + note(one))
    click.echo(f"  {'total':<28} {sum(one.resources for one in found):>5}")
    if kept:
        click.echo(f"  kept beyond destruction      {len(kept):>5}")
