"""Plan, deploy and destroy, in the order of the stacks: two at a time where nothing stands between them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any, Protocol

from operations.backups import Recorder
from operations.graph import Graph, StackPlan
from operations.outcome import Exit, OperationFailed
from operations.protections import unprotected
from operations.target import Target
from operations.workspace import PLAN, REVIEWED, Changes, Workspace, resources_in
from operations.writing import write
from sandbox.process import interrupt

WORKERS = 2
NO_CHANGES = Changes()


class Watcher(Protocol):
    """Who is told of progress, from several threads."""

    def started(self, stack: str, what: str) -> None:
        """A stack's plan or apply begins."""

    def changed(self, stack: str, address: str) -> None:
        """One resource of a stack is done."""

    def finished(self, stack: str, changes: Changes) -> None:
        """A stack is done."""


@dataclass(frozen=True)
class StackResult:
    """What a plan or deploy found for one stack; `waits_for` names what has to be deployed before it can be planned."""

    name: str
    changes: Changes = NO_CHANGES
    waits_for: tuple[str, ...] = ()
    resources: int = 0

    def as_json(self) -> dict[str, Any]:
        """The machine's view."""
        out: dict[str, Any] = {
            "name": self.name,
            "add": self.changes.add,
            "change": self.changes.change,
            "destroy": self.changes.destroy,
        }
        return out | ({"waits_for": list(self.waits_for)} if self.waits_for else {})


def as_json(target: Target, results: list[StackResult]) -> dict[str, Any]:
    """The machine's view of a plan."""
    return {"target": target.name, "label": target.label, "stacks": [one.as_json() for one in results]}


Confirm = Callable[[str, str], bool]
"""Asked with a stack's name and its plan as text; False stops before the change."""


@dataclass
class Run:
    """One plan, deploy or destroy of some stacks on one target. `confirm` None means approved in advance.

    With `saved` a deploy applies saved plans and nothing else: a stack without one stays as it is. With `looks_as` a
    plan is made as that account, which reads and neither writes nor locks a state.
    """

    target: Target
    watcher: Watcher
    confirm: Confirm | None = None
    saved: bool = False
    looks_as: str = ""
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.target)

    def plan(self, graph: Graph) -> list[StackResult]:
        """What a deploy would change. A stack whose upstream is not deployed waits; nothing is changed anywhere.

        What a stack needs beyond the graph is taken for deployed.
        """
        deployed: dict[str, bool] = {}

        def one(stack: StackPlan) -> StackResult:
            waits = tuple(sorted(name for name in stack.needs if not deployed.get(name, name not in graph.stacks)))
            deployed[stack.name] = False
            if waits:
                return StackResult(stack.name, waits_for=waits)
            workspace = Workspace(stack, self.target, self.looks_as)
            self.watcher.started(stack.name, "plan")
            workspace.prepare()
            deployed[stack.name] = resources_in(workspace.state()) > 0
            changes = workspace.plan()
            self._remember(workspace)
            self.watcher.finished(stack.name, changes)
            return StackResult(stack.name, changes)

        return _walk(graph, one, WORKERS)

    def plan_first(self, graphs: Sequence[Graph]) -> tuple[Graph, list[StackResult]]:
        """Plan one after another up to the first with changes: all that were planned, and what came of them."""
        planned, results = Graph({}), list[StackResult]()
        for graph in graphs:
            planned, found = Graph(planned.stacks | graph.stacks), self.plan(graph)
            results += found
            if any(one.changes.total or one.waits_for for one in found):
                break
        return planned, results

    def deploy(self, graph: Graph) -> list[StackResult]:
        """Make the target equal to the stacks. A saved plan of the same bytes is applied as it was reviewed."""
        return _walk(graph, self._deploy_one, 1 if self.confirm else WORKERS)

    def destroy(self, graph: Graph) -> list[StackResult]:
        """Take the stacks down, dependents first: protections are lifted by a plan of their own, then all goes."""
        return _walk(graph.reversed(), self._destroy_one, 1 if self.confirm else WORKERS)

    def _deploy_one(self, stack: StackPlan) -> StackResult:
        workspace = Workspace(stack, self.target)
        self.watcher.started(stack.name, "deploy")
        workspace.prepare()
        workspace.remember()
        self.recorder.save(workspace)
        changes = self._reviewed(workspace) or (NO_CHANGES if self.saved else workspace.plan())
        if changes.total:
            self._approve(workspace)
            workspace.apply(lambda address: self.watcher.changed(stack.name, address))
        if workspace.local:
            workspace.leave_local()
        self.watcher.finished(stack.name, changes)
        return StackResult(stack.name, changes, resources=resources_in(workspace.state()))

    def _destroy_one(self, stack: StackPlan) -> StackResult:
        workspace = Workspace(stack, self.target)
        self.watcher.started(stack.name, "destroy")
        document, lifted = unprotected(stack.document())
        workspace.prepare(document)
        if not resources_in(workspace.state()):
            self.watcher.finished(stack.name, NO_CHANGES)
            return StackResult(stack.name)
        self.recorder.save(workspace)
        if lifted:
            self._unprotect(workspace)
        if stack.makes_its_own_state_bucket() and not workspace.local:
            workspace.go_local()
        changes = workspace.plan("-destroy")
        self._approve(workspace)
        workspace.apply(lambda address: self.watcher.changed(stack.name, address))
        workspace.forget_local()
        self.watcher.finished(stack.name, changes)
        return StackResult(stack.name, changes)

    def _unprotect(self, workspace: Workspace) -> None:
        """Lift protections of what exists; nothing is added or destroyed by this plan."""
        existing = [f"-target={address}" for address in _addresses(workspace.state())]
        if workspace.plan("-refresh=false", *existing).change:
            self._approve(workspace)
            workspace.apply(lambda _: None)

    def _approve(self, workspace: Workspace) -> None:
        if self.confirm and not self.confirm(workspace.stack.name, workspace.shown()):
            raise OperationFailed(workspace.stack.name, "was not approved", "review its plan again", code=Exit.REFUSED)

    def _remember(self, workspace: Workspace) -> None:
        fingerprint = {"sha256": hashlib.sha256(workspace.stack.file.read_bytes()).hexdigest()}
        write(workspace.folder / REVIEWED, json.dumps(fingerprint))

    def _reviewed(self, workspace: Workspace) -> Changes | None:
        """The changes of a saved plan, where plans are reviewed before they are applied.

        OperationFailed (a gate says no) where the plan was made from other bytes than those to be deployed.
        """
        note = workspace.folder / REVIEWED
        demanded = self.saved or not self.target.knows_states
        if not demanded or not (note.exists() and (workspace.folder / PLAN).exists()):
            return None
        planned = json.loads(note.read_text())["sha256"]
        note.unlink()
        if planned != hashlib.sha256(workspace.stack.file.read_bytes()).hexdigest():
            text = "changed since its plan was made"
            raise OperationFailed(workspace.stack.name, text, "run 'blueprint plan' again", code=Exit.REFUSED)
        return workspace.counted()


def first_deploy(target: Target, graph: Graph) -> bool:
    """Whether nothing of the graph is deployed yet; judged by its first stack, which all others need."""
    workspace = Workspace(next(iter(graph.stacks.values())), target)
    if not target.knows_states:
        workspace.prepare()
    return not resources_in(workspace.state())


def _addresses(state: dict[str, Any] | None) -> Iterator[str]:
    for resource in (state or {}).get("resources", []):
        if resource["mode"] == "managed":
            yield f"{resource['type']}.{resource['name']}"


def _walk(graph: Graph, one: Callable[[StackPlan], StackResult], workers: int) -> list[StackResult]:
    """Apply `one` to every stack, needs first. The first failure stops new stacks; those under way are finished."""
    results: dict[str, StackResult] = {}
    failure: BaseException | None = None
    sorter = TopologicalSorter(_edges(graph.stacks))
    sorter.prepare()
    with ThreadPoolExecutor(workers) as pool:
        running: dict[Future[StackResult], str] = {}
        try:
            while sorter.is_active():
                for name in sorted(sorter.get_ready(), key=list(graph.stacks).index) if not failure else ():
                    running[pool.submit(one, graph.stacks[name])] = name
                if not running:
                    break
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    name = running.pop(future)
                    if error := future.exception():
                        failure = failure or error
                    else:
                        results[name] = future.result()
                        sorter.done(name)
        except KeyboardInterrupt:
            for future in running:
                future.cancel()
            # Danger: Terraform has to end by itself, or its state is lost; leaving the pool waits for it.
            interrupt()
            raise
    if failure:
        raise failure
    return [results[name] for name in graph.stacks]


def _edges(stacks: Mapping[str, StackPlan]) -> dict[str, list[str]]:
    return {name: [n for n in plan.needs if n in stacks] for name, plan in stacks.items()}
