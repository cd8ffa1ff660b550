"""Plan documents (`terraform show -json`) as Checkov wants them, without a file in between."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checkov.terraform import plan_parser

from policies.rule import NotUsable

Plan = dict[str, Any]


def read_plan(path: Path) -> Plan:
    """A plan document. NotUsable where it is none."""
    way_out = "make it with: terraform show -json PLAN > plan.json"
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotUsable(str(path), f"cannot be read ({error.strerror})", way_out) from None
    except ValueError:
        raise NotUsable(str(path), "is no plan in JSON", way_out) from None
    return checked(plan, str(path))


def checked(plan: Any, place: str) -> Plan:
    """The plan, if it is one. NotUsable otherwise."""
    if not isinstance(plan, dict) or not isinstance(plan.get("planned_values"), dict):
        raise NotUsable(place, "holds no planned values", "make it with: terraform show -json PLAN > plan.json")
    return plan


def definition(plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """Checkov's own form of a plan's resources and data sources.

    Its parser reads files and keeps the line of every value, which takes half of the time of a run over the estate.
    """
    root = plan["planned_values"].get("root_module", {})
    configuration = plan.get("configuration", {}).get("root_module", {})
    known = {(one["type"], one["name"]): one for one in configuration.get("resources", [])}
    changes = {one["address"]: one for one in plan.get("resource_changes", [])}
    found: dict[str, list[dict[str, Any]]] = {"resource": [], "data": [], "provider": []}
    for resource in root.get("resources", []):
        expressions = known.get((resource["type"], resource["name"]))
        block, kind, prepared = plan_parser._prepare_resource_block(resource, expressions, changes)
        if prepared:
            found[kind].append(block)
    children = plan_parser._find_child_modules(root.get("child_modules", []), changes, configuration)
    for kind, blocks in children.items():
        found[kind] += blocks
    return found


def context(definitions: Mapping[str, Mapping[str, list[dict[str, Any]]]]) -> dict[str, dict[str, Any]]:
    """What Checkov wants to know of each resource's place; plans have no lines."""
    key = plan_parser.TF_PLAN_RESOURCE_ADDRESS
    found: dict[str, dict[str, Any]] = {}
    for name, blocks in definitions.items():
        entities = [values for kind in ("resource", "data") for block in blocks[kind] for values in _values(block)]
        found[name] = {
            v[key]: {"address": v[key], "start_line": 1, "end_line": 1, "code_lines": []} for v in entities if key in v
        }
    return found


def _values(block: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [values for named in block.values() for values in named.values()]
