"""Physics: what all rules cost when the whole example estate is made, without Terraform."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from operations.graph import Graph
from sandbox.schema import cached
from sandbox.store import Store
from tests.bench.numbers import PYTHON, ROOT, SETTINGS, Number, timed
from tests.mutation.applier import in_order
from tests.mutation.mutants import Baseline, Laboratory


def measure(work: Path) -> Iterable[Number]:
    timed(PYTHON, "-m", "stacks.app", str(SETTINGS), str(work / "out"))
    schemas = cached(ROOT / ".sandbox/schema")
    baseline = Baseline.of(Graph.read(work / "out"), schemas, work)
    with Store(work / "cloud.db") as store:
        laboratory = Laboratory(baseline, store, schemas)
        begin = time.perf_counter()
        for stack in baseline.nodes:
            laboratory.apply(stack, in_order(baseline.nodes[stack]))
        seconds, made = time.perf_counter() - begin, store.count()
    yield Number(f"judging and storing {made} resources", seconds, "s", 20)
    yield Number("one resource, all rules", 1000 * seconds / made, "ms", 10)
