"""How a run's model comes to production, and when it is trained anew; commands of `blueprint pipeline`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scripts import options
from scripts.pipeline_options import step, team


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

    source, target = (elsewhere(settings, team, it, target="laptop") for it in ("nonproduction", "production"))
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
@options.settings
@click.option("--dry-run", is_flag=True, help="Say what would be done; nothing is started.")
@options.target
def retrain(team: str, settings: Path, dry_run: bool, target: str) -> None:
    """Train the champion anew in nonproduction, where production asks it other things than it was trained on.

    Model Monitoring says so. It ends with 0 whatever the gate says of the new model, which nobody promotes but people,
    and with 3 where monitoring has not looked at enough.
    """
    from operations.pipeline_places import elsewhere
    from operations.pipeline_release import acting
    from operations.pipeline_retraining import retrain as anew

    rehearsal, production = (elsewhere(settings, team, it, target=target) for it in ("nonproduction", "production"))
    with acting(target, "") as who:
        done = anew(production, rehearsal, step, by=who, dry_run=dry_run)
    click.echo(done.says)
    if done.outcome == "PASS":
        click.echo(f"release it: send a message to the trigger 'release' of {team} with run={done.run}")


def _promoted(done: dict[str, Any]) -> None:
    click.echo(f"version {done['version']} in production, of run {done['run']}; traffic {done.get('traffic', '')}")
    click.echo(f"  model sha256:{done['digest']}, approved by {done['approved_by']}")


COMMANDS = (evidence, promote, release, retrain)
