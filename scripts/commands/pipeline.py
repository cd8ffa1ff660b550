"""blueprint pipeline"""

from __future__ import annotations

import json
from pathlib import Path

import click

from scripts import options

team = click.option("--team", required=True, help="Whose pipeline.")
environment = click.option("--environment", default="nonproduction", show_default=True, help="Where.")
image = click.option("--image", help="The team's container by digest, NAME@sha256:...; the sandbox has one of its own.")
orchestrator = click.option(
    "--orchestrator", type=click.Choice(["vertex", "composer", "inprocess"]), help="Default: the team's own."
)
parameters = click.option("--parameters", default="", help="Chosen parameters as JSON, for example '{\"seed\": 3}'.")
run_name = click.option("--run", "run", default="", help="Name of the run; an interrupted one continues by its name.")


@click.group()
def command() -> None:
    """The operational pipeline of a team: the same steps on Vertex AI Pipelines, on Composer, and here."""


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
    """Write what the orchestrators read: a pipeline file, a DAG with its graph, or both."""
    from operations.pipeline_compile import BOTH, compile_
    from operations.pipeline_places import opened, prepared

    run = prepared(opened(settings, team, environment, image=image, target=target), "", "")
    for path in compile_(run, [orchestrator] if orchestrator else BOTH, out):
        click.echo(path)


@command.command()
@team
@environment
@options.settings
@image
def check(team: str, environment: str, settings: Path, image: str | None) -> None:
    """Check a team's pipeline: its flow, its graph, and that both orchestrators can be given it."""
    from tempfile import TemporaryDirectory

    from operations.pipeline_compile import BOTH, compile_
    from operations.pipeline_places import opened, prepared

    run = prepared(opened(settings, team, environment, image=image), "", "")
    with TemporaryDirectory() as folder:
        compile_(run, BOTH, Path(folder))
    click.echo(f"{team}: {len(run.steps)} steps, both orchestrators can run them")


@command.command()
@team
@environment
@options.settings
@image
@orchestrator
@parameters
@run_name
@options.as_json
def run(
    team: str,
    environment: str,
    settings: Path,
    image: str | None,
    orchestrator: str | None,
    parameters: str,
    run: str,
    as_json: bool,
) -> None:
    """Run every step on this computer. Ends with 4 where the gate says no, with 3 where it cannot tell."""
    from operations.pipeline_places import opened, orchestrator_of, prepared
    from operations.pipeline_runs import start

    it = prepared(opened(settings, team, environment, image=image), run, parameters)
    chosen = orchestrator_of(settings, team, orchestrator)
    click.echo(f"SANDBOX run {it.name} of {team} by {chosen}; stand-ins play Google's services", err=True)
    found = start(it, chosen, lambda step, seconds: click.echo(f"  {seconds:6.1f} s  {step}", err=True))
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        metrics = ", ".join(f"{key} {value:.4f}" for key, value in found["metrics"].items())
        click.echo(f"{it.name}: {found['verdict']} in {found['seconds']} s; {metrics}")
        for reason in found["reasons"]:
            click.echo(f"  {reason}")
    if found["exit_code"]:
        raise click.exceptions.Exit(found["exit_code"])


@command.command()
@team
@environment
@options.settings
@click.option("--image", required=True, help="The team's container by digest, NAME@sha256:...")
@orchestrator
@parameters
@run_name
@click.option("--version", required=True, help="The commit whose definition this is.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("compiled"), show_default=True, help="Folder.")
def submit(
    team: str,
    environment: str,
    settings: Path,
    image: str,
    orchestrator: str | None,
    parameters: str,
    run: str,
    version: str,
    out: Path,
) -> None:
    """Copy the definition to the team's bucket at Google and start its orchestrator with it."""
    from operations.pipeline_compile import submit as send
    from operations.pipeline_places import opened, orchestrator_of, prepared

    place = opened(settings, team, environment, image=image, target="google")
    chosen = orchestrator_of(settings, team, orchestrator)
    if chosen == "inprocess":
        raise click.UsageError("Google has no orchestrator 'inprocess'; choose vertex or composer")
    click.echo(send(prepared(place, run, parameters), chosen, version, out))


@command.command()
@team
@environment
@options.settings
@options.as_json
def runs(team: str, environment: str, settings: Path, as_json: bool) -> None:
    """List runs, newest first: status, verdict and metrics."""
    from operations.pipeline_places import opened
    from operations.pipeline_runs import records

    found = records(opened(settings, team, environment, image=None))
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


@command.command()
@click.argument("run")
@team
@options.settings
@click.option("--approved-by", required=True, help="Who has approved it; recorded with the model.")
@click.option("--champion", help="The production version it is to follow; default: none, it is the first.")
def promote(run: str, team: str, settings: Path, approved_by: str, champion: str | None) -> None:
    """Bring the model of RUN from nonproduction to production: the same bytes, or nothing. Ends with 4 if refused."""
    from operations.pipeline_places import opened
    from operations.pipeline_promotion import promote as bring

    source, target = (opened(settings, team, it, image=None) for it in ("nonproduction", "production"))
    done = bring(source, target, run, approved_by=approved_by, expected=champion)
    click.echo(f"version {done['version']} in production, digest {done['digest'][:12]}, traffic {done['traffic']}")


@command.command()
@team
@click.option("--environment", default="production", show_default=True, help="Where.")
@options.settings
@click.option("--requests", type=int, required=True, help="Requests that the canary has answered.")
@click.option("--errors", type=int, required=True, help="How many of them failed.")
@click.option("--minutes", type=int, required=True, help="How long it has been on trial.")
def canary(team: str, environment: str, settings: Path, requests: int, errors: int, minutes: int) -> None:
    """Conclude a canary by its rule: all traffic and the crown, back to the champion, or wait."""
    from operations.pipeline_places import opened
    from operations.pipeline_promotion import conclude

    observed = {"requests": requests, "errors": errors, "minutes": minutes}
    done = conclude(opened(settings, team, environment, image=None), observed)
    click.echo(f"{done['decision']}: traffic {done['to']}")


@command.command()
@team
@click.option("--environment", default="production", show_default=True, help="Where.")
@options.settings
def rollback(team: str, environment: str, settings: Path) -> None:
    """All traffic back to the champion; where it has all of it, to the version before."""
    from operations.pipeline_places import opened
    from operations.pipeline_promotion import rollback as back

    done = back(opened(settings, team, environment, image=None))
    click.echo(f"traffic {done['from']} -> {done['to']}")
