"""The inputs of an order: from options, from a file, and on a terminal from questions. Progress while it is made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from scripts.catalog.telling import plain

if TYPE_CHECKING:
    from operations.catalog_service import Choices, Refused


def given_choices(given: dict[str, Any]) -> dict[str, Any]:
    """Inputs of the file and of --set, which goes before it; values of --set are text still."""
    from operations.catalog_service import order_file

    found: dict[str, Any] = order_file(given["file"]) if given.get("file") else {}
    for one in given["settings_"]:
        name, equals, value = one.partition("=")
        if not equals:
            raise click.UsageError(f"--set {one}: has no '='; write it as INPUT=VALUE")
        found[name] = value
    return found


def choices(given: dict[str, Any]) -> Choices:
    """What turns the inputs of a template into choices, asking where somebody is there to answer.

    Asked is what is required and missing; everything where nothing was given.
    """
    found = given_choices(given)

    def complete(inputs: list[dict[str, Any]], refused: Refused) -> dict[str, Any]:
        if not sys.stdin.isatty():
            return found
        wanted = [one for one in inputs if one["name"] not in found and (one["required"] or not found)]
        return found | dict(_answers(wanted, refused))

    return complete


def _answers(wanted: list[dict[str, Any]], refused: Refused) -> Iterator[tuple[str, str]]:
    """Answers that the template accepts; what is left at its default is left out."""
    for one in wanted:
        click.echo(f"\n{one['description']} {one['accepted']}", err=True)
        default = None if one["required"] else plain(one["default"])
        text = _answer(one, default)
        while text != default and (problems := refused(one["name"], text)):
            click.echo("\n".join(map(str, problems)), err=True)
            text = _answer(one, default)
        if text != default:
            yield one["name"], text


def _answer(one: dict[str, Any], default: str | None) -> str:
    kind = click.Choice(one["options"]) if one["options"] else None
    return str(click.prompt(one["name"], type=kind, default=default, err=True))


@contextmanager
def watching() -> Iterator[Callable[[str], None]]:
    """Tells each finished resource on stderr."""
    yield lambda address: click.echo(f"  {address}", err=True)
