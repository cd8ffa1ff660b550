"""Plans after they were made: what a reviewer reads of them, and their JSON for the policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from operations.deploying import StackResult
from operations.graph import Graph
from operations.plan_summary import others, summary
from operations.target import Target
from operations.workspace import Workspace
from operations.writing import write


def told_apart(target: Target, graph: Graph, results: Sequence[StackResult]) -> dict[str, list[str]]:
    """By stack with changes: its rights, and what is destroyed or made anew; a plain line where it is neither."""
    return {
        workspace.stack.name: list(summary(workspace.plan_document())) or ["no right, nothing destroyed"]
        for workspace in _workspaces(target, graph, [one for one in results if one.changes.total])
    }


def report(target: Target, graph: Graph, results: Sequence[StackResult]) -> dict[str, list[str]]:
    """By stack with changes: every change of it."""
    found = {}
    for workspace in _workspaces(target, graph, [one for one in results if one.changes.total]):
        document = workspace.plan_document()
        found[workspace.stack.name] = [*summary(document), *others(document)]
    return found


def write_plans(target: Target, graph: Graph, results: Sequence[StackResult], folder: Path) -> None:
    """The plan of every stack that could be planned, as JSON files of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for workspace in _workspaces(target, graph, [one for one in results if not one.waits_for]):
        write(folder / f"{workspace.stack.name}.json", json.dumps(workspace.plan_document()))


def _workspaces(target: Target, graph: Graph, results: Sequence[StackResult]) -> Iterator[Workspace]:
    for one in results:
        yield Workspace(graph.stacks[one.name], target)
