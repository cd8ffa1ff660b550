"""How builds are shown when they have ended, or wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from google.cloud.devtools.cloudbuild_v1 import Build


def ended(builds: Sequence[Build]) -> None:
    """Print each build and its steps. Ends with 1 where one failed, with 5 where one waits for an approval."""
    from google.cloud.devtools.cloudbuild_v1 import Build

    from operations.outcome import Exit

    if not builds:
        click.echo("no pipeline listens to these files", err=True)
    for build in builds:
        told = "; ".join(filter(None, (build.failure_info.detail, build.status_detail)))
        click.echo(f"build {build.id}: {build.status.name} {told}".rstrip())
        for step in build.steps:
            click.echo(f"  {step.id:<12} {step.status.name}")
    states = {build.status for build in builds}
    if states - {Build.Status.SUCCESS, Build.Status.PENDING}:
        raise click.exceptions.Exit(Exit.FAILURE)
    if Build.Status.PENDING in states:
        raise click.exceptions.Exit(Exit.CHANGES)
