"""Runs of a team's pipeline: started, listed and compared; commands of `blueprint pipeline`."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from scripts import options
from scripts.pipeline_options import environment, image, orchestrator, parameters, person, run_name, step, team


@click.command()
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
    _ended(start(it, chosen, step, by=person or "operator"), as_json)


@click.command()
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
        _ended(send(it, version, step, by=who), as_json)


@click.command()
@team
@environment
@options.settings
@person
@options.target
@options.as_json
def runs(team: str, environment: str, settings: Path, person: str, target: str, as_json: bool) -> None:
    """List runs, newest first: status, verdict and metrics. With --as, what Vertex AI shows to this person."""
    found = _found(settings, team, environment, person, target)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        loss = one.get("metrics", {}).get("log_loss")
        told = f"log_loss {loss:.4f}" if loss is not None else ""
        click.echo(f"{one['run']:<28} {one['orchestrator']:<10} {one['status']:<8} {one.get('verdict', ''):<13} {told}")


@click.command()
@click.argument("names", nargs=-1)
@team
@environment
@options.settings
@person
@options.target
@click.option("--metric", default="log_loss", show_default=True, help="What is compared.")
@click.option(
    "--goal", type=click.Choice(["minimize", "maximize"]), default="minimize", show_default=True, help="Best."
)
def compare(
    names: tuple[str, ...],
    team: str,
    environment: str,
    settings: Path,
    person: str,
    target: str,
    metric: str,
    goal: str,
) -> None:
    """Rank runs, as 'runs' lists them, by a metric and name the best; ties and missing metrics are told."""
    from operations.pipeline_runs import ranked

    order, told = ranked(_found(settings, team, environment, person, target), list(names), metric, goal)
    for place, one in enumerate(order, 1):
        chosen = ", ".join(f"{key}={value}" for key, value in one["parameters"].items())
        click.echo(f"{place:>3}  {one['run']:<28} {metric} {one['metrics'][metric]:.4f}  {one['verdict']:<13} {chosen}")
    for line in told:
        click.echo(line, err=True)


def _found(settings: Path, team: str, environment: str, person: str, target: str) -> list[dict[str, Any]]:
    """The runs of an environment, newest first; with a person, those that Vertex AI shows them."""
    from operations.pipeline_places import elsewhere
    from operations.pipeline_release import acting
    from operations.pipeline_results import listed

    place = elsewhere(settings, team, environment, target=target)
    with acting(target, person) if person else nullcontext():
        return listed(place, asked=bool(person))


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


COMMANDS = (run, submit, runs, compare)
