"""blueprint eval"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options


@click.group()
def command() -> None:
    """Evaluation: golden sets, runs over them, and a gate that can say no."""


@command.command()
@click.argument("name")
@options.assets
@options.settings
def lint(assets: Path, settings: Path, name: str) -> None:
    """Say what is wrong with golden set NAME. Ends with 4 if anything is."""
    from operations.generative import checked, opened
    from operations.outcome import Exit

    found = checked(opened(assets, settings)[0], name)
    for finding in found:
        click.echo(finding)
    click.echo(f"{len(found)} findings", err=True)
    if found:
        raise click.exceptions.Exit(Exit.REFUSED)


@command.command()
@click.argument("name")
@options.assets
@options.settings
def seal(assets: Path, settings: Path, name: str) -> None:
    """Write the hash of golden set NAME into its manifest, after its owner has looked at the change."""
    from operations.generative import opened, sealed

    click.echo(f"{name} is {sealed(opened(assets, settings)[0], name)[:12]}")
