"""blueprint team"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options

dry_run_option = click.option("--dry-run", is_flag=True, help="Only show the difference.")


@click.group()
def command() -> None:
    """Teams come and go: one file, one difference to review, no other team touched."""


@command.command()
@click.argument("name")
@click.option("--purpose", type=click.Choice(["predictive", "generative"]), required=True)
@click.option("--orchestrator", type=click.Choice(["vertex", "composer"]), default="vertex", show_default=True)
@click.option("--contact", required=True, help="Address of the team.")
@click.option("--title", help="What people call the team; follows from the name.")
@click.option("--repository", help="Name of the team's repository; follows from the name.")
@click.option("--budget", type=click.IntRange(min=1), default=1500, show_default=True, help="Monthly, per environment.")
@click.option("--endpoint", "endpoints", multiple=True, help="Endpoint to which pipelines deploy models.")
@click.option("--source", "sources", multiple=True, help="Source data that the team reads.")
@click.option("--feature-store", is_flag=True, help="With a feature store.")
@dry_run_option
@options.settings
def add(settings: Path, name: str, budget: int, **values: object) -> None:
    """Add team NAME to the settings and show the difference."""
    from settings.editing import add_team
    from settings.parts import ENVIRONMENTS

    amounts = dict.fromkeys(ENVIRONMENTS, budget)
    click.echo(add_team(settings, name, budget=amounts, **values).diff, nl=False)  # type: ignore[arg-type]


@command.command()
@click.argument("name")
@dry_run_option
@options.settings
def remove(settings: Path, name: str, dry_run: bool) -> None:
    """Remove team NAME from the settings and show the difference. What is deployed stays until it is destroyed."""
    from settings.editing import remove_team

    click.echo(remove_team(settings, name, dry_run=dry_run).diff, nl=False)
