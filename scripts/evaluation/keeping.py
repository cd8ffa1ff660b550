"""blueprint eval: golden sets and tuning data"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options


@click.command()
@click.argument("name")
@options.assets
@options.settings
def lint(assets: Path, settings: Path, name: str) -> None:
    """Say what is wrong with golden set NAME and the tuning data beside it. Ends with 4 if anything is."""
    from operations.generative import checked, opened
    from operations.outcome import Exit

    found = checked(opened(assets, settings)[0], name)
    for finding in found:
        click.echo(finding)
    click.echo(f"{len(found)} findings", err=True)
    if found:
        raise click.exceptions.Exit(Exit.REFUSED)


@click.command()
@click.argument("name")
@options.assets
@options.settings
def seal(assets: Path, settings: Path, name: str) -> None:
    """Write the hash of golden set NAME into its manifest, after its owner has looked at the change."""
    from operations.generative import opened, sealed

    click.echo(f"{name} is {sealed(opened(assets, settings)[0], name)[:12]}")


COMMANDS = (lint, seal)
