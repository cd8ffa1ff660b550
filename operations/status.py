"""What exists now, by stack."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from operations.graph import Graph
from operations.target import Target
from operations.workspace import Workspace, left_over, resources_in


@dataclass(frozen=True)
class StackStatus:
    """One stack: how many resources its state holds, and how often that was changed (Terraform's serial)."""

    name: str
    resources: int
    serial: int
    in_settings: bool = True


def status(target: Target, graph: Graph) -> list[StackStatus]:
    """The status of every stack of the graph, and of deployed ones that are no longer in the settings."""
    found = []
    gone = left_over(target, graph)
    for stack in (*graph.stacks.values(), *gone.stacks.values()):
        workspace = Workspace(stack, target)
        if not target.knows_states:
            workspace.prepare()
        state = workspace.state() or {}
        found.append(StackStatus(stack.name, resources_in(state), state.get("serial", 0), stack.name in graph.stacks))
    return found


def as_json(target: Target, found: list[StackStatus]) -> str:
    """The machine's view of a status."""
    document: dict[str, Any] = {
        "target": target.label,
        "stacks": [asdict(one) for one in found],
        "kept": [{"type": type_, "id": id_} for type_, id_ in target.kept()],
    }
    return json.dumps(document, indent=2)
