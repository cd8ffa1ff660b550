"""Plan documents without a plan: what Terraform keeps of each deployed resource, in the shape of `show -json`."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from operations.graph import Graph
from operations.target import opened

Plan = dict[str, Any]


def plans_from_states(deployed: Path) -> dict[str, Plan]:
    """A document for every stack of a deployed sandbox; a test holds one against the plan that Terraform makes."""
    graph = Graph.read(deployed / "cdktf.out")
    with opened("sandbox", deployed) as target:
        states = {name: json.loads(target.state(stack) or "{}") for name, stack in graph.stacks.items()}
    return {name: plan_of(list(_resources(state))) for name, state in states.items()}


def plan_of(resources: list[dict[str, Any]]) -> Plan:
    """A plan that would leave exactly these resources."""
    return {"planned_values": {"root_module": {"resources": resources}}}


def resources_of(plan: Plan) -> list[dict[str, Any]]:
    """The managed resources of a plan."""
    found: list[dict[str, Any]] = plan["planned_values"]["root_module"]["resources"]
    return [one for one in found if one["mode"] == "managed"]


def changed(plan: Plan, address: str, values: dict[str, Any] | None) -> Plan:
    """The plan with other values of one resource, or without it."""
    root = [one for one in plan["planned_values"]["root_module"]["resources"] if values or one["address"] != address]
    return plan_of([copy.copy(one) | {"values": values} if one["address"] == address else one for one in root])


def _resources(state: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in state.get("resources", []):
        prefix = "data." if one["mode"] == "data" else ""
        for instance in one["instances"]:
            index = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
            address = f"{prefix}{one['type']}.{one['name']}{index}"
            yield {key: one[key] for key in ("mode", "type", "name")} | {
                "address": address,
                "values": instance["attributes"],
            }
