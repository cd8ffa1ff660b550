"""State, saved before every change and put back on request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from operations.graph import Graph
from operations.outcome import OperationFailed
from operations.target import Target
from operations.workspace import Workspace, resources_in
from operations.writing import write
from settings.problems import InvalidSettings, Problem, suggestion

STAMP = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Backup:
    """The state of one stack before one change."""

    run: str
    stack: str
    file: Path
    serial: int
    resources: int


class Recorder:
    """Collects the states of one run; all lie in one folder named after its start (UTC)."""

    def __init__(self, target: Target) -> None:
        self._folder = target.home / "backups" / datetime.now(UTC).strftime(STAMP)

    def save(self, workspace: Workspace) -> None:
        """Save a stack's state if it has one. Raises before anything is changed where it cannot be saved."""
        if (state := workspace.state()) is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            write(self._folder / f"{workspace.stack.name}.tfstate", json.dumps(state, indent=2))


def backups(home: Path) -> list[Backup]:
    """Every saved state, newest run first."""
    found = []
    for file in sorted((home / "backups").glob("*/*.tfstate"), reverse=True):
        state = json.loads(file.read_text())
        found.append(Backup(file.parent.name, file.stem, file, state.get("serial", 0), resources_in(state)))
    return found


def restore(target: Target, graph: Graph, run: str, stack: str) -> Backup:
    """Make a saved state the state of its stack again; the present one is saved first. Resources are not touched."""
    known = backups(target.home)
    chosen = next((b for b in known if (b.run, b.stack) == (run, stack)), None)
    if chosen is None:
        words = suggestion(f"{run} {stack}", [f"{b.run} {b.stack}" for b in known], "see 'blueprint state list'")
        raise InvalidSettings([Problem("state restore", f"no backup '{run}' of '{stack}'", words)])
    if stack not in graph.stacks:
        raise OperationFailed(stack, "is not a stack of these settings", "restore with the settings that made it")
    workspace = Workspace(graph.stacks[stack], target)
    if target.knows_states:
        try:
            workspace.state()
        except OperationFailed:
            # Danger: a state that cannot be read cannot be saved either, and Terraform does not start with one.
            target.discard_state(workspace.stack)
    workspace.prepare()
    Recorder(target).save(workspace)
    current = workspace.state()
    state = json.loads(chosen.file.read_text())
    if current and current.get("lineage") == state.get("lineage"):
        state["serial"] = max(current["serial"], state["serial"]) + 1
    pushed = workspace.folder / "restore.tfstate"
    write(pushed, json.dumps(state, indent=2))
    workspace.push(pushed)
    pushed.unlink()
    return chosen
