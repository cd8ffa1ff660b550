"""blueprint pipeline"""

from __future__ import annotations

import json
from pathlib import Path

import click

from scripts import options, pipeline_models, pipeline_runs, promotions
from scripts.pipeline_options import environment, image, orchestrator, person, published_for, team


@click.group()
def command() -> None:
    """The operational pipeline of a team: the same steps on Vertex AI Pipelines, on Composer, and here."""


for one in (*pipeline_runs.COMMANDS, *promotions.COMMANDS, *pipeline_models.COMMANDS):
    command.add_command(one)


@command.command(name="list")
@options.as_json
def list_(as_json: bool) -> None:
    """List the pipelines, each with its steps and the parameters that can be chosen."""
    from operations.pipeline_compile import listed

    found = listed()
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for name, facts in found.items():
        chosen = ", ".join(f"{key}={value}" for key, value in facts["parameters"].items())
        click.echo(f"{name:<14} {facts['title']}; parameters {chosen}")


@command.command()
@team
@environment
@options.settings
@image
@orchestrator
@options.target
@click.option("--out", type=click.Path(path_type=Path), default=Path("compiled"), show_default=True, help="Folder.")
def compile(
    team: str, environment: str, settings: Path, image: str | None, orchestrator: str | None, target: str, out: Path
) -> None:
    """Write what the orchestrators read: pipeline files, DAGs with their graphs, or both."""
    from operations.pipeline_compile import BOTH, compile_
    from operations.pipeline_places import opened

    place = opened(settings, team, environment, image=image, target=target)
    for path in compile_(place, [orchestrator] if orchestrator else BOTH, out):
        click.echo(path)


@command.command()
@team
@environment
@options.settings
@image
def check(team: str, environment: str, settings: Path, image: str | None) -> None:
    """Check a team's pipeline: its flow, its graph, and that both orchestrators can be given it."""
    from operations.pipeline_compile import checked
    from operations.pipeline_places import opened

    count = checked(opened(settings, team, environment, image=image))
    click.echo(f"{team}: {count} steps, both orchestrators can run them")


@command.command()
@team
@environment
@options.settings
@image
@published_for
@click.option("--commit", default="", help="The commit that is the version; default: the one that is checked out.")
@person
@options.target
def publish(
    team: str,
    environment: str,
    settings: Path,
    image: str | None,
    orchestrator: str | None,
    commit: str,
    person: str,
    target: str,
) -> None:
    """Compile the pipelines and put them into the team's bucket, once and for all under their commit."""
    from operations.pipeline_places import commit_here, orchestrator_of, published_from
    from operations.pipeline_release import acting
    from operations.pipeline_versions import publish as put

    with acting(target, person):
        place = published_from(settings, team, environment, image=image, target=target)
        found = put(place, orchestrator_of(settings, team, orchestrator), commit or commit_here())
    click.echo(f"{found.version}  {found.orchestrator}, image {found.image}")
    for name, digest in found.files.items():
        click.echo(f"  {digest[:12]}  gs://{place.definitions}/versions/{found.version}/{name}")


@command.command()
@team
@environment
@options.settings
@person
@options.target
@options.as_json
def versions(team: str, environment: str, settings: Path, person: str, target: str, as_json: bool) -> None:
    """List the published versions, the latest first, and what can be chosen for a run of each."""
    from operations.pipeline_places import elsewhere
    from operations.pipeline_release import acting
    from operations.pipeline_versions import published

    with acting(target, person):
        found = published(elsewhere(settings, team, environment, target=target))
    if as_json:
        click.echo(json.dumps([one.model_dump() for one in found], indent=2))
        return
    for one in found:
        chosen = ", ".join(f"{key}={value}" for key, value in one.parameters.items())
        click.echo(f"{one.version}  {one.team:<12} {one.orchestrator:<9} {chosen}")
    click.echo(f"{len(found)} published", err=True)
