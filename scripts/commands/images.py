"""blueprint images"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options

images = click.argument("images", nargs=-1)
commit = click.option("--commit", help="The commit that it is built from; the one that is checked out if not given.")


@click.group()
def command() -> None:
    """The containers of operational pipelines: built without an engine, the same bytes every time."""


@command.command()
def check() -> None:
    """Check every image folder: its form, its base, its lock with hashes."""
    from operations.images.desk import checked

    click.echo(f"images: {', '.join(checked())} - no problems")


@command.command()
@options.target
@options.settings
def pin(target: str, settings: Path) -> None:
    """Ask the registry for the digest of every base and write it down."""
    from datetime import UTC, datetime

    from operations.images.desk import Images
    from operations.serving import clients
    from settings.loading import names_of, read

    with clients(target, Path.cwd()):
        for base, digest in Images(names_of(read(settings))).pin(datetime.now(UTC).date()).items():
            click.echo(f"{base}: {digest}")


@command.command()
@images
@commit
@options.target
@options.settings
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("images.out"), show_default=True, help="Folder for them."
)
@click.option("--push", is_flag=True, help="Push them under the commit; a tag never moves.")
def build(images: tuple[str, ...], commit: str | None, target: str, settings: Path, out: Path, push: bool) -> None:
    """Build IMAGES (default all) as image layouts with a bill of materials, and print the address of each by digest.

    For the sandbox they lack their base and packages, and say so: nothing is pulled there.
    """
    from contextlib import nullcontext

    from operations.images.desk import Images, commit_of
    from operations.serving import clients
    from settings.loading import names_of, read

    desk, of = Images(names_of(read(settings))), commit or commit_of(Path.cwd())
    with clients(target, Path.cwd()) if push else nullcontext():
        for made in desk.build(images, of, whole=target == "google"):
            made.write(out)
            address = desk.push(made, of) if push else f"{desk.registry.host}/{desk.name(made.key)}@{made.image.digest}"
            click.echo(f"{address} {made.stand_in}".rstrip())


@command.command()
@click.argument("image")
@click.argument("digest")
@click.option("--build", required=True, help="The approved build that seals it.")
@options.target
@options.settings
def seal(image: str, digest: str, build: str, target: str, settings: Path) -> None:
    """Seal an image for production by its digest, as the approved BUILD; nothing is built."""
    from operations.images.approving import approve
    from operations.serving import clients

    with clients(target, Path.cwd()):
        click.echo(approve(settings, image, digest, build))


@command.command()
@click.argument("address")
@options.target
@options.settings
@options.as_json
def verify(address: str, target: str, settings: Path, as_json: bool) -> None:
    """Who built an image (HOST/NAME@sha256:...) from which commit with which checks. Ends with 4 without a seal."""
    import json

    from operations.images.desk import Images, told
    from operations.serving import clients
    from settings.loading import names_of, read

    with clients(target, Path.cwd()):
        statement = Images(names_of(read(settings))).verify(address)
    click.echo(json.dumps(statement, indent=2) if as_json else "\n".join(told(statement)))
