"""blueprint release"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from scripts import options
from scripts.evaluation.running import since_option

name_argument = click.argument("name", default="assistant")


@click.group()
def command() -> None:
    """Releases: the bill of materials of a generative system, signed and verified."""


@command.command()
@name_argument
@click.option("--image", help="The image that serves it, as HOST/NAME@sha256:DIGEST.")
@click.option("--first", is_flag=True, help="There is no release yet to compare with.")
@since_option
@options.models
@options.environment
@options.assets
@options.settings
def build(
    assets: Path,
    settings: Path,
    environment: str,
    models: str,
    name: str,
    image: str | None,
    first: bool,
    since: str | None,
) -> None:
    """Write the lock of release NAME, if the gate lets it through."""
    from operations.evaluations import desk
    from operations.release_before import before
    from operations.releases import built

    with desk(assets, settings, name, models, environment) as it:
        against = (before(it, settings, since) or it.run()) if since else None
        click.echo(built(it, image=image, against=against, first=first))


@command.command()
@name_argument
@options.target
@options.assets
@options.settings
def sign(assets: Path, settings: Path, target: str, name: str) -> None:
    """Sign the lock of release NAME with the key of its team; the builds that judge do."""
    from operations.evaluations import Desk
    from operations.pipeline_release import acting
    from operations.releases import signed

    with acting(target, ""):
        click.echo(signed(Desk.opened(assets, settings, name)))


@command.command()
@name_argument
@click.option("--environment", help="The lock that this environment holds has to be the one that stands here too.")
@click.option("--signed", is_flag=True, help="Its team's key has to have signed it; an image that it names is sealed.")
@options.target
@options.assets
@options.settings
def verify(assets: Path, settings: Path, target: str, name: str, environment: str | None, signed: bool) -> None:
    """Name every part of release NAME that is not what its lock says. Ends with 4 if one is."""
    from operations.evaluations import Desk
    from operations.outcome import Exit
    from operations.pipeline_release import acting
    from operations.promotions import of_environment
    from operations.releases import verified

    desk = Desk.opened(assets, settings, name)
    with acting(target, "") if signed or environment else nullcontext():
        problems = verified(desk, signed=signed)
        problems += of_environment(desk, settings, environment, target) if environment else []
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.exceptions.Exit(Exit.REFUSED)
    click.echo(f"{name}: every part is what its lock says")


@command.command()
@name_argument
@click.option("--from", "source", default="here", show_default=True, help="Environment whose lock moves.")
@click.option("--to", required=True, help="Environment that it moves to.")
@click.option("--build", default="", help="The running build, which knows who approved it.")
@options.target
@options.assets
@options.settings
def promote(assets: Path, settings: Path, target: str, name: str, source: str, to: str, build: str) -> None:
    """Move the lock of release NAME to an environment, and nothing else. Ends with 4 where a part differs."""
    from operations.evaluations import Desk
    from operations.pipeline_release import acting
    from operations.promotions import promoted

    with acting(target, ""):
        desk = Desk.opened(assets, settings, name)
        moved = promoted(desk, settings, source=source, to=to, target=target, build=build)
    click.echo(f"{name}: lock {moved[:12]} is in {to}")


@command.command()
@click.argument("name")
@click.argument("questions", nargs=-1)
@click.option("--questions", "file", type=click.Path(path_type=Path), help="Or those of a file, JSON lines.")
@click.option("--log", help="The traffic log; default: the team's bucket, with the stand-in a file below .sandbox.")
@click.option("--share", type=click.FloatRange(0, 1), default=1.0, show_default=True, help="Share that is logged.")
@options.models
@options.environment
@options.assets
@options.settings
def ask(
    assets: Path,
    settings: Path,
    environment: str,
    models: str,
    share: float,
    log: str | None,
    file: Path | None,
    questions: tuple[str, ...],
    name: str,
) -> None:
    """Let released assistant NAME answer QUESTIONS as its application does, and log a share of the answers."""
    from datetime import date

    from operations.answering import asked
    from operations.evaluations import desk

    with desk(assets, settings, name, models, environment) as it:
        for answer in asked(it, questions, file, log, share=share, today=date.today()):
            click.echo(answer)


@command.command()
@click.argument("kind", required=False)
@click.argument("name", required=False)
@options.assets
@options.settings
def assets(assets: Path, settings: Path, kind: str | None, name: str | None) -> None:
    """List every asset with its version and where it is kept; of KIND, print what NAME@VERSION stands for."""
    from operations.asset_versions import content, versions

    if (kind is None) != (name is None):
        raise click.UsageError("give KIND and NAME, or neither")
    for line in [content(assets, settings, kind, name)] if kind and name else versions(assets, settings):
        click.echo(line)
