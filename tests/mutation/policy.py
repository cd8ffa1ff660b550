"""`make mutants-policy`: every planted defect over the plans of the example estate, and what finds it."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from operations.policy import facts_of
from operations.synth import synth
from sandbox.schema import cached
from sandbox.store import Store
from settings.loading import read
from tests.mutation.defects import KINDS, Found, Hunt, defects
from tests.mutation.operators import table
from tests.plans import STORE, plans_of_graph

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Print the table; 1 where a defect survives."""
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        work, installation = Path(folder), read(ROOT / "settings")
        plans = plans_of_graph(synth(ROOT / "settings", work / "out"), cached(ROOT / ".sandbox" / "schema"), work)
        with Store(work / STORE) as store:
            hunt = Hunt(installation, plans, facts_of(installation), store)
            found = list(hunt.find(defects(plans, table())))
    print(report(found))
    print(f"{time.perf_counter() - begin:.0f} s")
    return 1 if survivors(found) else 0


def survivors(found: Sequence[Found]) -> list[str]:
    """The defects that nothing found, by name."""
    return [str(one.defect) for one in found if not one.by]


def listed_only(found: Sequence[Found]) -> list[str]:
    """The defects that only the list of addresses tells of: somebody has to read its difference."""
    return [str(one.defect) for one in found if set(one.by) == {"addresses"}]


def report(found: Sequence[Found]) -> str:
    """A line for each operator: how many defects, and how many of them were found first by what."""
    head = f"{'operator':<46}{'planted':>8}" + "".join(f"{kind:>11}" for kind in KINDS) + f"{'survive':>9}"
    lines = [head]
    for operator in dict.fromkeys(one.defect.operator for one in found):
        some = [one for one in found if one.defect.operator == operator]
        lines.append(_line(operator, some))
    lines.append(_line(f"{len(lines) - 1} operators", found))
    lines += [f"by its address alone: {name}" for name in listed_only(found)]
    return "\n".join([*lines, *(f"survives: {name}" for name in survivors(found))])


def _line(title: str, some: Sequence[Found]) -> str:
    first = [next((kind for kind in KINDS if kind in one.by), "") for one in some]
    counts = "".join(f"{first.count(kind) or '':>11}" for kind in KINDS)
    return f"{title:<46}{len(some):>8}{counts}{first.count('') or '':>9}"


if __name__ == "__main__":
    sys.exit(main())
