"""blueprint pipeline"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from scripts import options, promotions

team = click.option("--team", required=True, help="Whose pipeline.")
environment = click.option("--environment", default="nonproduction", show_default=True, help="Where.")
image = click.option("--image", help="The team's container by digest, NAME@sha256:...; default: the approved one.")
orchestrator = click.option(
    "--orchestrator", type=click.Choice(["vertex", "composer", "inprocess"]), help="Default: the team's own."
)
published_for = click.option(
    "--orchestrator", type=click.Choice(["vertex", "composer"]), help="Default: the team's own."
)
parameters = click.option("--parameters", default="", help="Chosen parameters as JSON, for example '{\"seed\": 3}'.")
run_name = click.option("--run", "run", default="", help="Name of the run; an interrupted one continues by its name.")
person = click.option("--as", "person", default="", metavar="E-MAIL", help="In the sandbox: who does it.")


@click.group()
def command() -> None:
    """The operational pipeline of a team: the same steps on Vertex AI Pipelines, on Composer, and here."""


for one in promotions.COMMANDS:
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


@command.command()
@team
@environment
@options.settings
@image
@orchestrator
@parameters
@run_name
@person
@options.as_json
def run(
    team: str,
    environment: str,
    settings: Path,
    image: str | None,
    orchestrator: str | None,
    parameters: str,
    run: str,
    person: str,
    as_json: bool,
) -> None:
    """Run every step on this computer. Ends with 4 where the gate says no, with 3 where it cannot tell."""
    from operations.pipeline_places import opened, orchestrator_of, prepared
    from operations.pipeline_runs import start

    it = prepared(opened(settings, team, environment, image=image), run, parameters)
    chosen = orchestrator_of(settings, team, orchestrator)
    click.echo(f"SANDBOX run {it.name} of {team} by {chosen}; stand-ins play Google's services", err=True)
    _ended(start(it, chosen, promotions.step, by=person or "operator"), as_json)


@command.command()
@team
@environment
@options.settings
@click.option("--version", required=True, help="A published version; see 'versions'.")
@parameters
@run_name
@person
@options.target
@options.as_json
def submit(
    team: str,
    environment: str,
    settings: Path,
    version: str,
    parameters: str,
    run: str,
    person: str,
    target: str,
    as_json: bool,
) -> None:
    """Run a published version with its orchestrator, wait, and tell what came of it. Ends as 'run' does."""
    from operations.pipeline_places import elsewhere, prepared
    from operations.pipeline_release import acting
    from operations.pipeline_submit import submit as send

    with acting(target, person) as who:
        it = prepared(elsewhere(settings, team, environment, target=target), run, parameters)
        click.echo(f"{'SANDBOX ' if target == 'sandbox' else ''}run {it.name} of {team}, version {version}", err=True)
        _ended(send(it, version, promotions.step, by=who), as_json)


@command.command()
@team
@environment
@options.settings
@options.target
@options.as_json
def runs(team: str, environment: str, settings: Path, target: str, as_json: bool) -> None:
    """List runs, newest first: status, verdict and metrics."""
    from operations.pipeline_places import elsewhere
    from operations.pipeline_results import listed

    found = listed(elsewhere(settings, team, environment, target=target))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        loss = one.get("metrics", {}).get("log_loss")
        told = f"log_loss {loss:.4f}" if loss is not None else ""
        click.echo(f"{one['run']:<28} {one['orchestrator']:<10} {one['status']:<8} {one.get('verdict', ''):<13} {told}")


@command.command()
@click.argument("names", nargs=-1)
@team
@environment
@options.settings
@click.option("--metric", default="log_loss", show_default=True, help="What is compared.")
@click.option(
    "--goal", type=click.Choice(["minimize", "maximize"]), default="minimize", show_default=True, help="Best."
)
def compare(names: tuple[str, ...], team: str, environment: str, settings: Path, metric: str, goal: str) -> None:
    """Rank runs by a metric and name the best; ties and missing metrics are told."""
    from operations.pipeline_places import opened
    from operations.pipeline_runs import ranked

    order, told = ranked(opened(settings, team, environment, image=None), list(names), metric, goal)
    for place, one in enumerate(order, 1):
        chosen = ", ".join(f"{key}={value}" for key, value in one["parameters"].items())
        click.echo(f"{place:>3}  {one['run']:<28} {metric} {one['metrics'][metric]:.4f}  {one['verdict']:<13} {chosen}")
    for line in told:
        click.echo(line, err=True)


def _ended(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        metrics = ", ".join(f"{key} {value:.4f}" for key, value in found["metrics"].items())
        click.echo(f"{found['run']}: {found['verdict']}; {metrics}")
        for reason in found["reasons"]:
            click.echo(f"  {reason}")
    if found["exit_code"]:
        raise click.exceptions.Exit(found["exit_code"])
