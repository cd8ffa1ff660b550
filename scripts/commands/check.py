"""blueprint check"""

from pathlib import Path

import click

from scripts import options


@click.command()
@options.settings
def command(settings: Path) -> None:
    """Check settings and data folders: every problem in one run, in under a second."""
    from operations.checking import check

    click.echo(check(settings))
