"""What exists now, by stack."""

from __future__ import annotations

import json
from collections.abc import Sequence
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


def status(target: Target, graph: Graph, patterns: Sequence[str] = ()) -> list[StackStatus]:
    """The status of the stacks that match: those of the graph, and deployed ones that the settings no longer have."""
    found = []
    known = Graph(graph.stacks | left_over(target, graph).stacks)
    wanted = known.matching(patterns)
    for stack in (stack for name, stack in known.stacks.items() if name in wanted):
        workspace = Workspace(stack, target)
        if not target.knows_states:
            workspace.prepare()
        state = workspace.state() or {}
        found.append(StackStatus(stack.name, resources_in(state), state.get("serial", 0), stack.name in graph.stacks))
    return found


def as_json(target: Target, found: list[StackStatus]) -> str:
    """The machine's view of a status."""
    document: dict[str, Any] = {
        "target": target.name,
        "label": target.label,
        "stacks": [asdict(one) for one in found],
        "kept": [{"type": type_, "id": id_} for type_, id_ in target.kept()],
    }
    return json.dumps(document, indent=2)
