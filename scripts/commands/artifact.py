"""blueprint artifact"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options


@click.group()
def command() -> None:
    """What pipelines have built: images and archives of templates."""


@command.command()
@click.argument("artifact")
@options.target
@options.settings
@options.as_json
def verify(artifact: str, target: str, settings: Path, as_json: bool) -> None:
    """Who built an image (HOST/NAME@sha256:...) or an archive (gs://... or a file) from what. Ends with 4 else."""
    import json

    from operations.artifacts import explained, verified

    found = verified(settings, Path.cwd(), target, artifact)
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(explained(found)))
