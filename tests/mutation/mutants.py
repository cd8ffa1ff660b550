"""Mutants of the estate: each takes one grant, one API or one dependency out of one stack, and the deploy has to fail.

A mutant is born mechanically from the synthesized stacks. It is tried on the cloud as it is before its stack: first
the stack alone, in a seeded order that puts what is no longer waited for last; then every later stack in which somebody
looks at what is missing. What survives has to stand in equivalents.yaml with the reason why nothing is lost.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from operations.graph import Graph
from sandbox import physics
from sandbox.diagnostics import Refused
from sandbox.physics.accounts import agent_of
from sandbox.physics.change import Broken
from sandbox.schema import Schemas
from sandbox.store import Store
from settings.loading import read
from tests.mutation.applier import Applied, Applier, Node, in_order, nodes
from tests.mutation.needs import Needs
from tests.mutation.recording import ALL, Look, Recording

SETTINGS = Path(__file__).parents[2] / "settings"
EQUIVALENTS = Path(__file__).with_name("equivalents.yaml")
GRANT = re.compile(r"_iam_(member|binding)$")


@dataclass(frozen=True)
class Mutant:
    """`lost` is taken out of its stack; or, of an edge, `node` no longer waits for `lost`."""

    kind: str
    stack: str
    lost: str
    node: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.stack} {self.node + ' -> ' if self.node else ''}{self.lost}"


@dataclass
class Outcome:
    """What became of a mutant: the rule that killed it, `implied` (another path says the same), or nothing."""

    mutant: Mutant
    killed_by: str = ""
    described: str = ""
    reason: str = ""


@dataclass
class Baseline:
    """The whole estate once: what each node asked for and made, and who looked at what."""

    graph: Graph
    documents: dict[str, Any]
    nodes: dict[str, dict[str, Node]]
    applied: dict[str, dict[str, Applied | None]] = field(default_factory=dict)
    resolved: dict[str, dict[str, Any]] = field(default_factory=dict)
    lookers: dict[Look, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: Graph, schemas: Schemas, work: Path) -> Baseline:
        """Apply everything in its order; raises what is refused."""
        documents = {name: plan.document() for name, plan in graph.stacks.items()}
        found = cls(graph, documents, {name: nodes(name, document) for name, document in documents.items()})
        with Recording(work / "recorded.db") as store:
            applier = Applier(store, schemas, lambda change: physics.check(store, change))
            for name, document in documents.items():
                order = [found.nodes[name][address] for address in in_order(found.nodes[name])]
                done: dict[str, Applied | None] = {}
                store.looks.clear()
                for node, applied in applier.stack(document, order):
                    done[node.address] = applied
                found.applied[name] = done
                found.resolved[name] = dict(applier.known)
                for look in store.looks:
                    found.lookers.setdefault(look, set()).add(name)
        return found

    def lookers_of(self, stack: str, address: str) -> set[str]:
        """The stacks in which somebody looks at what a node made."""
        applied = self.applied[stack][address]
        if applied is None:
            return set()
        type_ = applied.change.type
        return self.lookers.get((type_, applied.id), set()) | self.lookers.get((type_, ALL), set())

    def mutants(self) -> Iterator[Mutant]:
        """All of them: every grant, every API, every dependency."""
        for stack, graph in self.nodes.items():
            for address, node in graph.items():
                if not node.is_data and GRANT.search(node.type):
                    yield Mutant("grant", stack, address)
                if node.type == "google_project_service":
                    yield Mutant("api", stack, address)
                for need in sorted(node.needs & graph.keys()):
                    yield Mutant("edge", stack, need, address)


@dataclass
class Laboratory:
    """Where mutants are tried: a store that has everything before the stack under test."""

    baseline: Baseline
    store: Store
    schemas: Schemas
    seed: int = 0

    def run(self, wanted: Iterable[Mutant]) -> Iterator[Outcome]:
        """The outcome of each mutant; the store grows stack by stack."""
        by_stack: dict[str, list[Mutant]] = {}
        for mutant in wanted:
            by_stack.setdefault(mutant.stack, []).append(mutant)
        alive: list[Outcome] = []
        for stack in self.baseline.nodes:
            for outcome in alive:
                self._later(outcome, stack)
            for mutant in by_stack.get(stack, ()):
                outcome = Outcome(mutant, described=self.describe(mutant))
                self._own(outcome)
                alive.append(outcome)
            self.apply(stack, in_order(self.baseline.nodes[stack]))
        for outcome in alive:
            if not outcome.killed_by and outcome.mutant.kind != "edge":
                outcome.killed_by = self._missed(outcome.mutant)
            if not outcome.killed_by:
                outcome.reason = equivalent(f"{outcome.mutant.kind} {outcome.described}")
            yield outcome

    def _own(self, outcome: Outcome) -> None:
        mutant, graph = outcome.mutant, self.baseline.nodes[outcome.mutant.stack]
        if mutant.kind != "edge":
            rest = {a: n for a, n in graph.items() if a != mutant.lost}
            outcome.killed_by = self._refusal(mutant.stack, self.shuffled(rest, str(mutant)))
            return
        rest = {
            a: Node(n.stack, a, n.values, n.needs - {mutant.lost}) if a == mutant.node else n for a, n in graph.items()
        }
        ahead = _reach({a: n.needs & rest.keys() for a, n in rest.items()}, mutant.node)
        if mutant.lost in ahead:
            outcome.killed_by = "implied"
            return
        first = {a: rest[a] for a in (*ahead, mutant.node)}
        outcome.killed_by = self._refusal(mutant.stack, self.shuffled(first, str(mutant)))
        if not outcome.killed_by:
            behind = _reach(_reversed(rest), mutant.lost) | {mutant.lost}
            early = {a: n for a, n in rest.items() if a not in behind}
            outcome.killed_by = self._refusal(mutant.stack, self.shuffled(early, str(mutant)))

    def _later(self, outcome: Outcome, stack: str) -> None:
        """A later stack, in the world without what the mutant lost; an edge counts only in its own stack."""
        mutant = outcome.mutant
        if outcome.killed_by or mutant.kind == "edge":
            return
        if stack not in self.baseline.lookers_of(mutant.stack, mutant.lost):
            return
        lost = self.baseline.applied[mutant.stack][mutant.lost]
        assert lost is not None
        with self.store.trial():
            self.store.delete(lost.change.type, lost.id)
            outcome.killed_by = self._refused(stack, self.shuffled(self.baseline.nodes[stack], str(mutant)))

    @cached_property
    def _needs(self) -> Needs:
        """Of the whole estate, which the store holds at the end."""
        return Needs(read(SETTINGS), self.store)

    def _missed(self, mutant: Mutant) -> str:
        """Who misses it when everything is deployed."""
        lost = self.baseline.applied[mutant.stack][mutant.lost]
        assert lost is not None
        need = self._needs.missed.get(f"{lost.change.type} {lost.id}")
        return f"need of {need.of}" if need else ""

    def _refusal(self, stack: str, order: list[str]) -> str:
        with self.store.trial():
            return self._refused(stack, order)

    def _refused(self, stack: str, order: list[str]) -> str:
        try:
            self.apply(stack, order)
        except Broken as broken:
            return broken.rule
        except Refused:
            return "data source"
        return ""

    def apply(self, stack: str, order: Iterable[str]) -> None:
        """The nodes in this order, with the values that they had in the estate that is complete."""
        for address in order:
            applied = self.baseline.applied[stack][address]
            if applied is None:
                self._read(stack, address)
                continue
            physics.check(self.store, applied.change)
            self.store.put(applied.change.type, applied.id, applied.values)
            if applied.change.type == "google_project":
                self.store.number("project", str(applied.values["project_id"]))

    def _read(self, stack: str, address: str) -> None:
        reader = Applier(self.store, self.schemas, lambda change: None)
        reader.known = self.baseline.resolved[stack]
        reader.read(self.baseline.nodes[stack][address], self.baseline.documents[stack])

    def shuffled(self, graph: Mapping[str, Node], salt: str) -> list[str]:
        """Needs first, in one of the many orders that this leaves open."""
        dice = random.Random(f"{self.seed}{salt}")
        waiting = {a: len(n.needs & graph.keys()) for a, n in graph.items()}
        behind = _reversed(graph)
        ready = sorted(a for a, left in waiting.items() if not left)
        order = []
        while ready:
            address = ready.pop(dice.randrange(len(ready)))
            order.append(address)
            for next_ in sorted(behind[address]):
                waiting[next_] -= 1
                if not waiting[next_]:
                    ready.append(next_)
        return order

    def describe(self, mutant: Mutant) -> str:
        """What kind of mutant it is, in words that equivalents.yaml can match."""
        graph = self.baseline.nodes[mutant.stack]
        if mutant.kind == "edge":
            return (
                f"{graph[mutant.node].type} -> {'data.' if graph[mutant.lost].is_data else ''}{graph[mutant.lost].type}"
            )
        applied = self.baseline.applied[mutant.stack][mutant.lost]
        assert applied is not None
        if mutant.kind == "api":
            return f"{applied.values['project']} {applied.values['service']}"
        return f"{applied.change.type} {applied.values['role']} to {_kind(str(applied.values.get('member')))}"


def _kind(member: str) -> str:
    kind, _, email = member.partition(":")
    agent = agent_of(email) if kind == "serviceAccount" else None
    return f"agent {agent.service}" if agent else f"{kind} {email}"


def _reversed(graph: Mapping[str, Node]) -> dict[str, set[str]]:
    behind: dict[str, set[str]] = {address: set() for address in graph}
    for address, node in graph.items():
        for need in node.needs & graph.keys():
            behind[need].add(address)
    return behind


def _reach(edges: Mapping[str, Iterable[str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = list(edges[start])
    while todo:
        address = todo.pop()
        if address not in found:
            found.add(address)
            todo += edges[address]
    return found


@cache
def _equivalents() -> list[tuple[re.Pattern[str], str]]:
    entries = yaml.safe_load(EQUIVALENTS.read_text()) if EQUIVALENTS.exists() else []
    return [(re.compile(pattern), entry["reason"]) for entry in entries or [] for pattern in entry["mutants"]]


def equivalent(described: str) -> str:
    """Why nothing is lost with a mutant; empty where somebody should have noticed."""
    return next((reason for pattern, reason in _equivalents() if pattern.fullmatch(described)), "")
