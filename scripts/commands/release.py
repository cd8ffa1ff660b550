"""blueprint release"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options

name_argument = click.argument("name", default="assistant")
kms_option = click.option("--kms", help="Key version of Cloud KMS; default: a key of this computer, for the sandbox.")


@click.group()
def command() -> None:
    """Releases: the bill of materials of a generative system, signed and verified."""


@command.command()
@name_argument
@click.option("--image", help="Digest of the image that serves it.")
@click.option("--first", is_flag=True, help="There is no release yet to compare with.")
@options.models
@options.environment
@options.assets
@options.settings
def build(
    assets: Path, settings: Path, environment: str, models: str, name: str, image: str | None, first: bool
) -> None:
    """Write the lock of release NAME, if the gate lets it through."""
    from operations.evaluations import desk
    from operations.releases import built

    with desk(assets, settings, name, models, environment) as it:
        click.echo(built(it, image=image, first=first))


@command.command()
@name_argument
@kms_option
@options.target
@options.assets
@options.settings
def sign(assets: Path, settings: Path, target: str, name: str, kms: str | None) -> None:
    """Sign the lock of release NAME."""
    from operations.evaluations import Desk
    from operations.releases import keys, signed

    with keys(target, kms):
        click.echo(signed(Desk.opened(assets, settings, name), kms=kms))


@command.command()
@name_argument
@click.option("--environment", help="The lock that this environment holds has to be the one that stands here too.")
@click.option("--signed", is_flag=True, help="The signature has to hold too.")
@kms_option
@options.target
@options.assets
@options.settings
def verify(
    assets: Path, settings: Path, target: str, name: str, environment: str | None, signed: bool, kms: str | None
) -> None:
    """Name every part of release NAME that is not what its lock says. Ends with 4 if one is."""
    from operations.evaluations import Desk
    from operations.outcome import Exit
    from operations.promotions import of_environment
    from operations.releases import keys, verified

    desk = Desk.opened(assets, settings, name)
    with keys(target, kms):
        problems = verified(desk, signed=signed, kms=kms)
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
@options.target
@options.assets
@options.settings
def promote(assets: Path, settings: Path, target: str, name: str, source: str, to: str) -> None:
    """Move the lock of release NAME to an environment, and nothing else. Ends with 4 where a part differs."""
    from operations.evaluations import Desk
    from operations.promotions import promoted

    moved = promoted(Desk.opened(assets, settings, name), settings, source=source, to=to, target=target)
    click.echo(f"{name}: lock {moved[:12]} is in {to}")
