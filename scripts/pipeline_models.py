"""What becomes of a model's versions: canary, the way back, retirement; commands of `blueprint pipeline`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scripts import options
from scripts.pipeline_options import person, step, team

ANSWERS = (click.IntRange(min=0), click.IntRange(min=0))
production = click.option("--environment", default="production", show_default=True, help="Where.")


@click.command()
@team
@production
@options.settings
@person
@options.there
@options.as_json
def models(team: str, environment: str, settings: Path, person: str, target: str, as_json: bool) -> None:
    """List the versions of a team's model, oldest first: state, traffic, run and digest of each."""
    from operations.pipeline_models import models as listed
    from operations.pipeline_places import elsewhere
    from operations.pipeline_release import acting

    with acting(target, person):
        found = listed(elsewhere(settings, team, environment, target=target))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        told = f"{one['version']:>3}  {one['state']:<10} {one['traffic']:>3} %  {one['digest'][:12]}  {one['run']}"
        click.echo(f"{told}  {one['retired']}".rstrip())
    click.echo(f"{len(found)} versions", err=True)


@click.command()
@click.argument("version")
@team
@production
@options.settings
@click.option("--why", required=True, help="What the record says: 10 to 300 characters.")
@click.option("--as", "person", default="", metavar="E-MAIL", help="In the sandbox: who approves it, a data engineer.")
@click.option("--build", default="", help="The running build, which knows who approved it.")
@options.there
def retire(
    version: str, team: str, environment: str, settings: Path, why: str, person: str, build: str, target: str
) -> None:
    """Take VERSION out of use for good; it stays in the registry. Ends with 4 for a champion, or one that serves.

    At Google nobody but the build does this, once it is approved there, by the environment's own orchestrator.
    """
    from operations import pipeline_models as versions
    from operations.pipeline_places import elsewhere
    from operations.pipeline_release import acting

    if bool(person) == bool(build) or (person and target == "google"):
        raise click.UsageError("say who approves it: by --build, or in the sandbox by --as")
    place = elsewhere(settings, team, environment, target=target)
    with acting(target, ""):
        if build:
            done = versions.retire_by_build(settings, place, version, why, build, step)
        else:
            word = versions.approver(settings, person)
            done = versions.retire(place, version, why, approved_by=word, report=step)
    click.echo(f"version {done['version']} of run {done['run']} is retired: {done['retired']}")


@click.command()
@team
@production
@options.settings
@options.there
@click.option("--canary", "its", type=ANSWERS, metavar="REQUESTS ERRORS", help="What it did; default: as is counted.")
@click.option("--champion", type=ANSWERS, metavar="REQUESTS ERRORS", help="What the champion did meanwhile.")
@click.option("--minutes", type=click.IntRange(min=0), help="How long it has been on trial.")
def canary(
    team: str,
    environment: str,
    settings: Path,
    target: str,
    its: tuple[int, int] | None,
    champion: tuple[int, int] | None,
    minutes: int | None,
) -> None:
    """Conclude a canary by its rule: all traffic and the crown, back to the champion, or wait. Ends with 3 for wait.

    It is compared with the champion, so what fails for both takes nothing back. What they did is asked of Cloud
    Monitoring, unless it is told.
    """
    from operations.outcome import Exit, OperationFailed
    from operations.pipeline_places import elsewhere
    from operations.pipeline_promotion import conclude
    from operations.pipeline_release import acting

    told = None
    if its is not None and champion is not None and minutes is not None:
        candidate, reference = (dict(zip(("requests", "errors"), one, strict=True)) for one in (its, champion))
        told = candidate | {"minutes": minutes, "champion": reference}
    elif (its, champion, minutes) != (None, None, None):
        raise click.UsageError("tell all of --canary, --champion and --minutes, or none")
    with acting(target, ""):
        done = conclude(elsewhere(settings, team, environment, target=target), told)
    click.echo(done["says"])
    if done["decision"] == "wait":
        wanted = f"it is to be shown as good as the champion, and {done['rule']['minutes']} minutes are to pass"
        raise OperationFailed("canary", f"INCONCLUSIVE: {wanted}", "ask again later", code=Exit.INCONCLUSIVE)


@click.command()
@team
@production
@options.settings
@click.option("--build", default="", help="The running build, which knows who approved it; then --why is needed.")
@click.option("--why", default="", help="What the record of a build's rollback says: 10 to 300 characters.")
@options.there
def rollback(team: str, environment: str, settings: Path, build: str, why: str, target: str) -> None:
    """All traffic back to the champion; where it has all of it, to the version before. Ends with 4 if there is none.

    At Google nobody but the build does this, once it is approved there, by the environment's own orchestrator.
    """
    from operations.pipeline_models import roll_back_by_build
    from operations.pipeline_places import elsewhere
    from operations.pipeline_promotion import rollback as back
    from operations.pipeline_release import acting

    with acting(target, ""):
        place = elsewhere(settings, team, environment, target=target)
        done = roll_back_by_build(settings, place, why, build, step) if build else back(place)
    click.echo(f"traffic {done.get('from', '')} -> {done['to']}")


COMMANDS = (models, retire, canary, rollback)
