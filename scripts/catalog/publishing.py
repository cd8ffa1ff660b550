"""From source to catalog: check, package."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scripts import options

SCHEMA = Path(".sandbox/schema")

templates = click.argument("templates", nargs=-1)
commit = click.option("--commit", default="", help="Commit that the templates come from; found out where there is git.")


@click.command()
@templates
@click.option("--write", "rewrite", is_flag=True, help="Write the generated part of each README anew.")
@options.as_json
def check(templates: tuple[str, ...], rewrite: bool, as_json: bool) -> None:
    """Check TEMPLATES (default all): form, terraform's own tests, examples, papers, rights of the deployer."""
    from operations.catalog_check import check as look
    from operations.catalog_check import must_be_good

    checked = look(templates, schema=SCHEMA, rewrite=rewrite)
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
@click.option("--out", type=click.Path(path_type=Path), default=Path("catalog.out"), show_default=True)
@commit
def package(templates: tuple[str, ...], out: Path, commit: str) -> None:
    """Write TEMPLATES (default all) as archives: the same bytes for the same content, the digest in the name."""
    from operations.catalog_package import package as make
    from operations.catalog_package import write_packages

    for path in write_packages(make(templates, schema=SCHEMA, commit=commit), out):
        click.echo(path)


COMMANDS = (check, package)
