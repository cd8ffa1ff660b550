"""What becomes of a run's model: evidence, promotion, canary and the way back; commands of `blueprint pipeline`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scripts import options

team = click.option("--team", required=True, help="Whose pipeline.")


def step(name: str, seconds: float) -> None:
    """Tells that a step has finished."""
    click.echo(f"  {seconds:6.1f} s  {name}", err=True)


@click.command()
@click.argument("run")
@team
@options.settings
@options.target
def evidence(run: str, team: str, settings: Path, target: str) -> None:
    """Tell what RUN showed in nonproduction. Ends with 4 where that is not enough for production."""
    from operations.pipeline_places import elsewhere
    from operations.pipeline_promotion import evidence as look
    from operations.pipeline_release import acting

    with acting(target, ""):
        found = look(elsewhere(settings, team, "nonproduction", target=target), run)
    metrics = ", ".join(f"{key} {value:.4f}" for key, value in found["metrics"].items())
    click.echo(f"{run}: {found['verdict']}, version {found['version']['version']}, commit {found['commit'][:12]}")
    click.echo(f"  {metrics}\n  model sha256:{found['version']['digest']}")


@click.command()
@click.argument("run")
@team
@options.settings
@click.option("--as", "person", required=True, metavar="E-MAIL", help="Who approves it: a data engineer.")
def promote(run: str, team: str, settings: Path, person: str) -> None:
    """Bring the model of RUN from nonproduction to production: the same bytes, or nothing. Ends with 4 if refused.

    In the sandbox. At Google nobody but the build does this, once it is approved there; see 'release'.
    """
    from operations.pipeline_places import elsewhere
    from operations.pipeline_promotion import approved
    from operations.pipeline_promotion import promote as bring

    source, target = (elsewhere(settings, team, it, target="sandbox") for it in ("nonproduction", "production"))
    _promoted(bring(source, target, run, approved_by=approved(settings, source, run, person), report=step))


@click.command()
@click.argument("run")
@team
@options.settings
@click.option("--build", required=True, help="The running build, which knows who approved it.")
@options.target
def release(run: str, team: str, settings: Path, build: str, target: str) -> None:
    """What the approved build does: promote the model of RUN by production's orchestrator. Ends with 4 if refused."""
    from operations.pipeline_places import elsewhere
    from operations.pipeline_release import acting
    from operations.pipeline_release import release as bring

    source, there = (elsewhere(settings, team, it, target=target) for it in ("nonproduction", "production"))
    with acting(target, ""):
        version, done = bring(settings, source, there, run, build, step)
    click.echo(f"version {version.version} of the pipelines is in production")
    _promoted(done["promotion"])


@click.command()
@team
@click.option("--environment", default="production", show_default=True, help="Where.")
@options.settings
@options.target
@click.option("--requests", type=int, required=True, help="Requests that the canary has answered.")
@click.option("--errors", type=int, required=True, help="How many of them failed.")
@click.option("--minutes", type=int, required=True, help="How long it has been on trial.")
def canary(team: str, environment: str, settings: Path, target: str, requests: int, errors: int, minutes: int) -> None:
    """Conclude a canary by its rule: all traffic and the crown, back to the champion, or wait."""
    from operations.pipeline_places import elsewhere
    from operations.pipeline_promotion import conclude

    observed = {"requests": requests, "errors": errors, "minutes": minutes}
    done = conclude(elsewhere(settings, team, environment, target=target), observed)
    click.echo(f"{done['decision']}: traffic {done['to']}")


@click.command()
@team
@click.option("--environment", default="production", show_default=True, help="Where.")
@options.settings
@options.target
def rollback(team: str, environment: str, settings: Path, target: str) -> None:
    """All traffic back to the champion; where it has all of it, to the version before."""
    from operations.pipeline_places import elsewhere
    from operations.pipeline_promotion import rollback as back

    done = back(elsewhere(settings, team, environment, target=target))
    click.echo(f"traffic {done['from']} -> {done['to']}")


def _promoted(done: dict[str, Any]) -> None:
    click.echo(f"version {done['version']} in production, of run {done['run']}; traffic {done.get('traffic', '')}")
    click.echo(f"  model sha256:{done['digest']}, approved by {done['approved_by']}")


COMMANDS = (evidence, promote, release, canary, rollback)
