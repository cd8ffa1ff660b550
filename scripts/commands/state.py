"""blueprint state"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options


@click.group()
def command() -> None:
    """Saved states: every deploy and destroy saves them first."""


@command.command(name="list")
@options.target
def list_(target: str) -> None:
    """List saved states, newest first."""
    from operations.backups import backups

    for one in backups(Path(f".{target}")):
        click.echo(f"{one.run}  {one.stack:<28} serial {one.serial:>4}  {one.resources:>4} resources")


@command.command()
@click.argument("run")
@click.argument("stack")
@options.settings
@options.out
@options.target
def restore(run: str, stack: str, settings: Path, out: Path, target: str) -> None:
    """Make the state of STACK as it was before RUN the present one. Resources are not touched."""
    from operations.backups import restore as put_back
    from operations.synth import synth
    from operations.target import opened

    with opened(target, Path.cwd()) as place:
        chosen = put_back(place, synth(settings, out), run, stack)
    click.echo(
        f"{stack}: state of {chosen.run} with {chosen.resources} resources restored; run 'blueprint plan {stack}'"
    )
