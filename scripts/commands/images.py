"""blueprint images"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options

images = click.argument("images", nargs=-1)
image = click.argument("image")
digest = click.argument("digest")
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
@images
def test(images: tuple[str, ...]) -> None:
    """Run the unit tests of IMAGES (default all), each where its files lie as they lie in the image."""
    from operations.images.desk import checked
    from operations.images.testing import tested

    for key in images or checked():
        click.echo(f"{key}: {tested(key)} tests passed")


@command.command()
@options.target
@options.settings
def pin(target: str, settings: Path) -> None:
    """Ask the registry for the digests of every base and of the builder, and write them down.

    While there is no builder it says how to build one.
    """
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
@click.option("--build", "by", default="", help="The build that pushes them; without one nobody seals them.")
def build(
    images: tuple[str, ...], commit: str | None, target: str, settings: Path, out: Path, push: bool, by: str
) -> None:
    """Build IMAGES (default all) as image layouts with a bill of materials, and print the address of each by digest.

    For the sandbox they lack their base and packages, and say so: nothing is pulled there.
    """
    from contextlib import nullcontext

    from operations.commits import head
    from operations.images.desk import Images
    from operations.serving import clients
    from settings.loading import names_of, read

    desk, of = Images(names_of(read(settings))), commit or head(Path.cwd())
    with clients(target, Path.cwd()) if push else nullcontext():
        for made in desk.build(images, of, whole=target == "google"):
            made.write(out)
            address = desk.push(made, of, by) if push else desk.address(made.key, made.image.digest)
            click.echo(f"{address} {made.stand_in}".rstrip())


@command.command()
@image
@digest
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
@image
@digest
@options.target
@options.settings
def scan(image: str, digest: str, target: str, settings: Path) -> None:
    """What the scanner found in IMAGE. Ends with 4 where a finding blocks, with 3 where nothing is known yet."""
    from datetime import UTC, datetime

    from operations.images.desk import Images
    from operations.serving import clients
    from settings.loading import names_of, read

    with clients(target, Path.cwd()):
        for line in Images(names_of(read(settings))).scan(image, digest, datetime.now(UTC).date()):
            click.echo(line)


@command.command()
@image
@digest
@options.target
@options.settings
def record(image: str, digest: str, target: str, settings: Path) -> None:
    """Write a sealed digest of IMAGE where operational pipelines read it. Ends with 4 without a seal."""
    from operations.images import approved
    from operations.images.desk import Images
    from operations.serving import clients
    from settings.loading import names_of, read

    names = names_of(read(settings))
    with clients(target, Path.cwd()):
        address = Images(names).address(image, digest)
        click.echo(approved.record(names, image, address, Images(names).verify(address)))
