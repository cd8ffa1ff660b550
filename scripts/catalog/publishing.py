"""From source to catalog: check, package, candidate, publish, register, promote, withdraw, diff."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from scripts import options

OWN = Path(__file__).parents[2] / "catalog_templates"

templates = click.argument("templates", nargs=-1)
folder = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=OWN,
    show_default="the platform's own",
    help="Folder of the templates, such as that of a checkout.",
)
commit = click.option("--commit", default="", help="Commit that the templates come from; found out where there is git.")


@click.command()
@templates
@folder
@click.option("--since", default="HEAD", show_default=True, help="What differs from this commit needs a new version.")
@click.option("--write", "rewrite", is_flag=True, help="Write the generated part of each README anew.")
@options.settings
@options.as_json
def check(templates: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Check TEMPLATES (default all): form, terraform's own tests, examples, papers, rights of the deployer."""
    from operations.catalog_check import check as look
    from operations.catalog_check import must_be_good

    checked = look(templates, schema=_schema(), **given)
    if as_json:
        told = [{"template": one.key, "problems": [str(it) for it in one.problems]} for one in checked]
        click.echo(json.dumps({"templates": told}, indent=2))
    else:
        for one in checked:
            said = "good" if one.good else f"{len(one.problems)} problems"
            click.echo(f"{one.key:<24} {said:<12} {one.tests:>3} tests {one.examples:>3} examples")
    must_be_good(checked)


@click.command()
@templates
@folder
@click.option("--out", type=click.Path(path_type=Path), default=Path("catalog.out"), show_default=True)
@commit
@options.settings
def package(templates: tuple[str, ...], out: Path, **given: Any) -> None:
    """Write TEMPLATES (default all) as archives: the same bytes for the same content, the digest in the name."""
    from operations.catalog_package import package as make
    from operations.catalog_package import write_packages

    for path in write_packages(make(templates, schema=_schema(), **given), out):
        click.echo(path)


bucket = click.option("--bucket", default="", help="Another bucket than that of the settings; for builds on Google.")


@click.command()
@templates
@folder
@commit
@options.settings
@options.target
@bucket
@click.option("--pull", type=click.IntRange(min=0), default=0, help="Number of the pull request; 0: none.")
def candidate(pull: int, **given: Any) -> None:
    """Put what TEMPLATES (default all) would publish beside the catalog; what people can order does not change."""
    from functools import partial

    from operations.catalog_publish import add_candidates

    _tell(_supplied(given, partial(add_candidates, pull=pull)), "no new candidate")


@click.command()
@templates
@folder
@commit
@options.settings
@options.target
@bucket
@click.option("--build", help="The approved build that does it: only what was a candidate, and on record.")
@click.option("--offer", is_flag=True, help="Put the new versions on offer, too.")
def publish(build: str | None, offer: bool, **given: Any) -> None:
    """Make TEMPLATES (default all) versions of the catalog. Nothing there is ever overwritten."""
    from functools import partial

    from operations.catalog_publish import publish as make
    from operations.catalog_record import on_record

    if build == "":
        raise click.UsageError("--build: is empty; name the running build, or leave the option out")
    record = on_record(given["settings"], build, given["commit"] or "HEAD") if build else None
    _tell(_supplied(given, partial(make, record=record, offer=offer)), "no new version")


@click.command()
@options.settings
@options.target
def register(settings: Path, target: str) -> None:
    """Register what is on offer in Service Catalog and share it with the teams' projects."""
    from operations.catalog_supply import register as make

    _tell(make(settings, Path.cwd(), target), "the catalog is up to date")


@click.command()
@click.argument("template")
@click.argument("version")
@click.option("--until", help="Last day on which it may be ordered, as 2027-01-31.")
@options.settings
@options.target
def promote(template: str, version: str, until: str | None, settings: Path, target: str) -> None:
    """Put VERSION of TEMPLATE on offer."""
    from operations.catalog_supply import set_state

    set_state(settings, Path.cwd(), target, template, version, state="offered", until=until)
    click.echo(f"{template} {version}: on offer{f' until {until}' if until else ''}")


@click.command()
@click.argument("template")
@click.argument("version")
@options.settings
@options.target
def withdraw(template: str, version: str, settings: Path, target: str) -> None:
    """Take VERSION of TEMPLATE off the catalog; what was made from it stays."""
    from operations.catalog_supply import set_state

    set_state(settings, Path.cwd(), target, template, version, state="withdrawn", until=None)
    click.echo(f"{template} {version}: withdrawn")


@click.command()
@click.argument("template")
@click.argument("first")
@click.argument("second")
@options.settings
@options.target
def diff(template: str, first: str, second: str, settings: Path, target: str) -> None:
    """What versions FIRST and SECOND of TEMPLATE differ in. Ends with 5 where they differ."""
    from operations.catalog_supply import difference
    from operations.outcome import Exit

    lines = difference(settings, Path.cwd(), target, template, (first, second))
    for line in lines:
        click.echo(line)
    if lines:
        raise click.exceptions.Exit(Exit.CHANGES)


@click.command()
@options.settings
@options.target
def versions(settings: Path, target: str) -> None:
    """Every version of every template, and whether it may be ordered."""
    from operations.catalog_supply import contents

    for key, found in contents(settings, Path.cwd(), target).templates.items():
        for version, it in found.items():
            state = f"{it.state} until {it.until}" if it.until else it.state
            click.echo(f"{key:<24} {version:<8} {state:<25} {it.sha256[:12]} {it.commit[:12]}")


def _schema() -> Path:
    from operations.target import home_of

    return home_of("sandbox", Path.cwd()) / "schema"


def _supplied(given: dict[str, Any], use: Any) -> list[str]:
    from operations.catalog_supply import supply

    keys = given.pop("templates")
    return supply(keys, root=Path.cwd(), use=use, **given)


def _tell(lines: list[str], otherwise: str) -> None:
    for line in lines or [otherwise]:
        click.echo(line)


COMMANDS = (check, package, candidate, publish, register, promote, withdraw, diff, versions)
