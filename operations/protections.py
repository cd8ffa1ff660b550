"""Lifting what protects resources against destruction, in the synthesized document and nowhere else."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from operations.graph import Graph

ALWAYS = "*"


@cache
def _table() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("protections.yaml").read_text())
    return table


def unprotected(document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A copy of a stack without protections, and a line for each that was lifted (`address: attribute`)."""
    out, lifted = copy.deepcopy(document), []
    for type_, entries in out.get("resource", {}).items():
        own = _table().get(type_, {})
        for name, values in entries.items():
            address = f"{type_}.{name}"
            if values.get("lifecycle", {}).pop("prevent_destroy", False):
                lifted.append(f"{address}: lifecycle.prevent_destroy")
            everywhere = {k: v for k, v in _table()[ALWAYS].items() if k in values}
            for attribute, value in (everywhere | own).items():
                if values.get(attribute) != value:
                    values[attribute] = value
                    lifted.append(f"{address}: {attribute}")
    return out, lifted


def explained(graph: Graph) -> list[str]:
    """What a destroy of these stacks does, as lines: the order, the protections lifted, the kinds that stay."""
    lines = []
    for name, stack in graph.reversed().stacks.items():
        document = stack.document()
        count = sum(len(entries) for entries in document.get("resource", {}).values())
        lines.append(f"{name}: {count} resources")
        lines += [f"  lifts {line}" for line in unprotected(document)[1]]
        stays = sorted(set(document.get("resource", {})) & set(_kept_types()))
        lines += [f"  keeps {type_}: {_kept_types()[type_]}" for type_ in stays]
    return lines


def _kept_types() -> dict[str, str]:
    table: dict[str, str] = _table()["kept"]
    return table
