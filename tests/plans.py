"""Plan documents without Terraform: the estate applied in this process, in the shape of `terraform show -json`."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from operations.graph import Graph
from sandbox.schema import Schemas
from sandbox.store import Store
from tests.mutation.applier import Applier, in_order, nodes

Plan = dict[str, Any]
STORE = "cloud.db"


def plans_of_graph(graph: Graph, schemas: Schemas, work: Path) -> dict[str, Plan]:
    """A document for every stack; a test holds one against the plan that Terraform makes.

    The cloud that they made stays in the file STORE of the folder.
    """
    plans = {}
    with Store(work / STORE) as store:
        applier = Applier(store, schemas, lambda change: None)
        for stack, plan in graph.stacks.items():
            document = plan.document()
            found = nodes(stack, document)
            for _ in applier.stack(document, [found[address] for address in in_order(found)]):
                pass
            plans[stack] = plan_of([told(address, values) for address, values in applier.known.items()])
    return plans


def plan_of(resources: list[dict[str, Any]]) -> Plan:
    """A plan that would leave exactly these resources."""
    return {"planned_values": {"root_module": {"resources": resources}}}


def resources_of(plan: Plan) -> list[dict[str, Any]]:
    """The managed resources of a plan."""
    found: list[dict[str, Any]] = plan["planned_values"]["root_module"]["resources"]
    return [one for one in found if one["mode"] == "managed"]


def changed(plan: Plan, values: dict[str, dict[str, Any] | None]) -> Plan:
    """The plan with other values of some addresses; None takes a resource out, an unknown address is added."""
    root = plan["planned_values"]["root_module"]["resources"]
    known = {one["address"] for one in root}
    kept = [one for one in root if values.get(one["address"], {}) is not None]
    kept = [copy.copy(one) | {"values": values.get(one["address"]) or one["values"]} for one in kept]
    return plan_of(kept + [told(a, v) for a, v in values.items() if a not in known and v])


def told(address: str, values: dict[str, Any]) -> dict[str, Any]:
    """A resource as plans tell it."""
    data = address.startswith("data.")
    type_, _, name = address.removeprefix("data.").partition(".")
    return {"address": address, "mode": "data" if data else "managed", "type": type_, "name": name, "values": values}
