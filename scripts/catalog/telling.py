"""What a person reads of the catalog: offers, forms, deployments and what they cost by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from operations.catalog_deployment import Deployment

Values = Mapping[str, Any]


def told_offers(found: list[dict[str, Any]]) -> Iterator[str]:
    """Each template with what it costs by and who may order it."""
    for one in found:
        yield f"{one['template']:<24} {one['version']:<8} {one['title']:<28} {', '.join(one['orderers'])}"
        yield f"  {one['cost']}"


def told_offer(one: dict[str, Any]) -> Iterator[str]:
    """One template with its form."""
    yield f"{one['title']} ({one['template']} {one['version']})"
    yield f"{one['summary']}\n"
    for it in one["inputs"]:
        yield f"  {it['name']:<18} {it['description']}"
        default = "Required." if it["required"] else f"Default: {plain(it['default']) or 'empty'}."
        yield f"{'':<20} {it['accepted']} {default}"
    yield f"\nCost:   {one['cost']}"
    yield f"Quota:  {one['quota']} for each team"
    yield f"Orders: {', '.join(one['orderers'])} in {', '.join(one['environments'])}"
    yield "Fixed:"
    yield from (f"  {control:<18} {statement}" for control, statement in one["controls"].items())


def told_deployment(one: Deployment, target: str) -> Iterator[str]:
    """One deployment: what was ordered and by whom, what it made and as whom, and what went wrong."""
    yield f"{one.name}: {one.state.lower()} in {one.project} ({target.upper()})"
    facts = {
        "template": f"{one.template} {one.version}",
        "ordered": f"{one.ordered_at} by {one.person}",
        "changed": one.changed_at,
        "made by": one.deployer,
        "archive": one.archive,
        "logs": one.runs,
        "error": one.error,
    }
    yield from _rows({name: value for name, value in facts.items() if value})
    for title, values in (("inputs", one.inputs), ("outputs", one.outputs)):
        yield title
        yield from _rows(values)
    yield "resources"
    yield from (f"  {address}" for address in one.resources)


def told_made(made: Deployment, target: str) -> Iterator[str]:
    """What somebody has ordered just now."""
    yield f"{made.name}: {made.state.lower()} in {made.project} ({target.upper()}), made by {made.deployer}"
    yield from _rows(made.outputs)


def told_costs(found: list[dict[str, Any]]) -> Iterator[str]:
    """For each team its budget and what its deployments cost by."""
    for one in found:
        count = counted(len(one["deployments"]), "deployment")
        yield f"{one['team']}: budget {one['budget']} {one['currency']} a month, {count}"
        for it in one["deployments"]:
            drivers = ", ".join(f"{key}={plain(value)}" for key, value in it["drivers"].items())
            yield f"  {it['name']:<36} {drivers}".rstrip()
            yield f"    {it['hint']}"


def say(lines: Iterator[str]) -> None:
    """Onto stdout, a line each."""
    for line in lines:
        click.echo(line)


def counted(number: int, what: str) -> str:
    """So many of something."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def plain(value: Any) -> str:
    """A value as it is typed."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={it}" for name, it in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(map(plain, value))
    return value if isinstance(value, str) else json.dumps(value)


def _rows(values: Values) -> Iterator[str]:
    width = max([12, *map(len, values)])
    yield from (f"  {name:<{width}} {plain(value)}" for name, value in values.items())
