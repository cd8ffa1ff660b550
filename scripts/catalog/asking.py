"""The inputs of an order: from options, from a file, and on a terminal from questions. Progress while it is made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click


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


def choices(given: dict[str, Any]) -> Callable[[list[dict[str, Any]]], dict[str, Any]]:
    """What turns the inputs of a template into choices; what is missing is asked where somebody is there to answer."""
    found = given_choices(given)

    def complete(inputs: list[dict[str, Any]]) -> dict[str, Any]:
        if sys.stdin.isatty():
            for one in inputs:
                if one["name"] not in found and (one["required"] or not found):
                    found[one["name"]] = _asked(one)
        return found

    return complete


def _asked(one: dict[str, Any]) -> str:
    click.echo(f"{one['description']} {one['accepted']}", err=True)
    kind = click.Choice(one["options"]) if one["options"] else None
    default = None if one["required"] else str(one["default"])
    return str(click.prompt(one["name"], type=kind, default=default, err=True))


@contextmanager
def watching() -> Iterator[Callable[[str], None]]:
    """Tells each finished resource on stderr."""
    yield lambda address: click.echo(f"  {address}", err=True)
