"""The slice of the estate that meets 200 seeds of faults: a stack of about 40 resources, on top of what it needs."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operations.graph import Graph
from sandbox.faults import Faults
from sandbox.schema import Schemas
from sandbox.store import Store
from tests.faults.deployer import BUCKET, Deployer, killed
from tests.mutation.applier import Applier, in_order, nodes

STACK = "artifacts"
MORE_RUNS = 3


@dataclass
class Result:
    """What one seed did and what was found afterwards; `problems` is empty where all promises were kept."""

    seed: int
    struck: dict[str, int] = field(default_factory=dict)
    runs: int = 0
    left: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Slice:
    """A store that has all below the stack, to be copied for each seed."""

    below: Path
    document: dict[str, Any]
    schemas: Schemas

    @classmethod
    def of(cls, graph: Graph, schemas: Schemas, work: Path) -> Slice:
        """Apply everything that the stack needs."""
        path = work / "below.db"
        with Store(path) as store:
            applier = Applier(store, schemas, lambda change: None)
            for name, plan in graph.select([STACK]).stacks.items():
                if name == STACK:
                    break
                document, found = plan.document(), nodes(name, plan.document())
                for _ in applier.stack(document, [found[a] for a in in_order(found)]):
                    pass
            store.put("google_storage_bucket", BUCKET, {"name": BUCKET, "id": BUCKET})
            store.snapshot(work / "copy.db")
        return cls(work / "copy.db", graph.stacks[STACK].document(), schemas)

    def run(self, seed: int) -> Result:
        """Deploy with the faults of a seed until it is complete, look closely, destroy, look again."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(self.below, Path(folder) / "cloud.db")
            with Store(Path(folder) / "cloud.db") as store:
                return self._run(seed, store)

    def _run(self, seed: int, store: Store) -> Result:
        result, before = Result(seed), _living(store)
        faults = Faults(seed, store, end=killed, stop_terraform=killed)
        deployer = Deployer(STACK, self.document, store, self.schemas, faults)
        while not deployer.deploy():
            result.runs += 1
            if result.runs > MORE_RUNS:
                result.problems.append(f"not complete after {result.runs} runs: {deployer.problems[:3]}")
                return result
        wanted = sum(not node.is_data for node in deployer.graph.values())
        made = _living(store) - before
        if len(made) != wanted:
            result.problems.append(f"{len(made)} resources exist, {wanted} are wanted")
        again = Deployer(STACK, self.document, store, self.schemas, None)
        if not again.deploy() or _living(store) - before != made:
            result.problems.append("the plan is not empty")
        for _ in range(MORE_RUNS + 1):
            if deployer.destroy():
                break
        left = _living(store) - before
        result.left = len(left)
        if left:
            result.problems.append(f"left after destroy: {sorted(left)[:3]}")
        result.struck = faults.struck
        return result


def _living(store: Store) -> set[tuple[str, str]]:
    return {(type_, id_) for type_, id_, _ in store.everything()}


def table(results: list[Result]) -> str:
    """Faults by kind, runs needed, and what was left."""
    struck: Counter[str] = Counter()
    for result in results:
        struck.update(result.struck)
    runs = Counter(result.runs for result in results)
    lines = [f"{len(results)} seeds, {sum(struck.values())} faults"]
    lines += [f"{number:6} {kind}" for kind, number in struck.most_common()]
    lines += [f"{number:6} seeds needed {more} more runs" for more, number in sorted(runs.items())]
    lines.append(f"{sum(r.left for r in results):6} resources left after a destroy")
    lines.append(f"{sum(bool(r.problems) for r in results):6} seeds broke a promise")
    return "\n".join(lines)
