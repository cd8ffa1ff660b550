"""All rules over the whole estate, in one process, and what fifty teams cost."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from operations.graph import Graph
from operations.policy import facts_of
from sandbox.schema import cached
from settings.loading import read
from tests.bench.numbers import PYTHON, ROOT, SETTINGS, Number, timed
from tests.bench.synth import with_teams
from tests.plans import plans_of_graph, resources_of

IMPORT = "import policies.scanning as scanning; scanning._graph_registry(); scanning._adapters()"
TEAMS = 50


def measure(work: Path) -> Iterable[Number]:
    yield Number("policies: Checkov and all rules loaded", timed(PYTHON, "-c", IMPORT)[0], "s")
    few = of_estate(work, SETTINGS, "example")
    many = of_estate(work, with_teams(work, TEAMS), "fifty")
    yield Number(f"policies: all rules over the estate, {few[0]} resources", few[1], "s", 10)
    yield Number(f"policies: the same with {TEAMS} teams, {many[0]} resources", many[1], "s")
    yield Number(
        "policies: time for a resource, against the example's", (many[1] / many[0]) / (few[1] / few[0]), "", 1.5
    )


def of_estate(work: Path, settings: Path, name: str) -> tuple[int, float]:
    """How many resources, and the seconds of one run over their plans."""
    from policies.scanning import scan_plans

    out = work / name
    timed(PYTHON, "-m", "stacks.app", str(settings), str(out))
    plans = plans_of_graph(Graph.read(out), cached(ROOT / ".sandbox" / "schema"), out)
    facts = facts_of(read(settings))
    begin = time.perf_counter()
    scan_plans(plans, facts)
    return sum(len(resources_of(plan)) for plan in plans.values()), time.perf_counter() - begin
