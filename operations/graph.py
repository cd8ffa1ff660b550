"""The stacks of a synthesized folder: which there are, what each needs, and in which order they go."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from operations.outcome import OperationFailed
from settings.problems import InvalidSettings, Problem, suggestion


@dataclass(frozen=True)
class StackPlan:
    """One synthesized stack: its name, its file and the stacks that have to exist before it."""

    name: str
    file: Path
    needs: frozenset[str]

    def document(self) -> dict[str, Any]:
        """The synthesized Terraform JSON."""
        document: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        return document

    def deployer(self) -> str:
        """The account that deploys it; empty where whoever runs Terraform does."""
        return str(self.document().get("variable", {}).get("deployer", {}).get("default", ""))

    def state_object(self) -> tuple[str, str]:
        """Bucket and name of the object that holds the stack's state."""
        backend = self.document()["terraform"]["backend"]["gcs"]
        return backend["bucket"], f"{backend['prefix']}/default.tfstate"

    def makes_its_own_state_bucket(self) -> bool:
        """True for the stack whose state bucket is one of its own resources: it starts with local state."""
        document = self.document()
        bucket = document["terraform"]["backend"].get("gcs", {}).get("bucket")
        made = document.get("resource", {}).get("google_storage_bucket", {}).values()
        return any(b["name"] == bucket for b in made)


@dataclass(frozen=True)
class Graph:
    """The stacks in an order that respects their dependencies; ties are broken by name."""

    stacks: dict[str, StackPlan]

    @classmethod
    def read(cls, folder: Path) -> Graph:
        """The graph of a synthesized folder. OperationFailed where there is none."""
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise OperationFailed(
                str(folder), f"holds no synthesized stacks ({error})", "run 'blueprint synth'"
            ) from None
        entries = manifest["stacks"]
        found = {
            name: StackPlan(name, folder / entry["synthesizedStackPath"], frozenset(entry.get("dependencies") or ()))
            for name, entry in entries.items()
        }
        return cls.ordered(found)

    @classmethod
    def ordered(cls, found: Mapping[str, StackPlan]) -> Graph:
        """The same stacks in order; what they need beyond themselves plays no part."""
        edges = {name: [need for need in sorted(found[name].needs) if need in found] for name in sorted(found)}
        return cls({name: found[name] for name in TopologicalSorter(edges).static_order()})

    def matching(self, patterns: Sequence[str]) -> set[str]:
        """Names that match the names or globs, all without any. InvalidSettings where one matches none."""
        found: set[str] = set()
        problems = []
        for pattern in patterns or ("*",):
            matched = {name for name in self.stacks if fnmatchcase(name, pattern)}
            if not matched and patterns:
                way_out = suggestion(pattern, self.stacks, f"known are {', '.join(self.stacks)}")
                problems.append(Problem("stacks", f"no stack matches '{pattern}'", way_out))
            found |= matched
        if problems:
            raise InvalidSettings(problems)
        return found

    def select(self, patterns: Sequence[str]) -> Graph:
        """The stacks that match, and all that they need."""
        return self._closed(self.matching(patterns), lambda name: self.stacks[name].needs)

    def dependents(self, patterns: Sequence[str]) -> Graph:
        """The stacks that match and all that need them: what has to go when they go."""
        return self._closed(
            self.matching(patterns), lambda name: {s for s, plan in self.stacks.items() if name in plan.needs}
        )

    def reversed(self) -> Graph:
        """The same stacks for taking down: dependents first."""
        needed_by = {name: frozenset(s for s, p in self.stacks.items() if name in p.needs) for name in self.stacks}
        order = reversed(list(self.stacks))
        return Graph({name: StackPlan(name, self.stacks[name].file, needed_by[name]) for name in order})

    def _closed(self, names: set[str], step: Any) -> Graph:
        todo: list[str] = list(names)
        while todo:
            more: Iterable[str] = set(step(todo.pop())) - names
            names |= set(more)
            todo += more
        return Graph({name: plan for name, plan in self.stacks.items() if name in names})
