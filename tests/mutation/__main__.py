"""`make mutants`: every mutant of the example estate, and a table of what killed them."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from operations.synth import synth
from sandbox.schema import cached
from sandbox.store import Store
from tests.mutation.mutants import Baseline, Laboratory, Outcome

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Print the table; 1 where a mutant survives for no known reason."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        graph = synth(ROOT / "settings", Path(folder) / "out")
        schemas = cached(ROOT / ".sandbox" / "schema")
        baseline = Baseline.of(graph, schemas, Path(folder))
        with Store(Path(folder) / "cloud.db") as store:
            outcomes = list(Laboratory(baseline, store, schemas).run(baseline.mutants()))
    return report(outcomes, time.perf_counter() - begin)


def report(outcomes: list[Outcome], seconds: float) -> int:
    """The table, then what survived."""
    for kind in ("grant", "api", "edge"):
        of_kind = [outcome for outcome in outcomes if outcome.mutant.kind == kind]
        print(f"{kind}: {len(of_kind)}")
        for rule, number in Counter(_verdict(outcome) for outcome in of_kind).most_common():
            print(f"{number:8} {rule}")
    survivors = [outcome for outcome in outcomes if not outcome.killed_by and not outcome.reason]
    killed = sum(bool(outcome.killed_by and outcome.killed_by != "implied") for outcome in outcomes)
    print(f"{len(outcomes)} mutants, {killed} killed, {len(survivors)} survive unexplained; {seconds:.0f} s")
    for line, number in Counter(f"{o.mutant.kind} {o.described}" for o in survivors).most_common():
        print(f"{number:8} {line}")
    return 1 if survivors else 0


def _verdict(outcome: Outcome) -> str:
    if outcome.killed_by == "implied":
        return "equivalent: another path says the same"
    return f"killed by {outcome.killed_by}" if outcome.killed_by else f"equivalent: {outcome.reason or 'UNKNOWN'}"


if __name__ == "__main__":
    sys.exit(main())
