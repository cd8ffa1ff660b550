"""blueprint schemas"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options


@click.command()
@options.settings
@click.option("--dry-run", is_flag=True, help="Only name the files that differ; ends with 5 where one does.")
def command(settings: Path, dry_run: bool) -> None:
    """Write the JSON Schemas from which editors complete and check the settings."""
    from operations.outcome import Exit
    from settings.schemas import export_schemas

    changed = export_schemas(settings, dry_run=dry_run)
    for path in changed:
        click.echo(path)
    if changed and dry_run:
        raise click.exceptions.Exit(Exit.CHANGES)
