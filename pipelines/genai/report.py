"""The report of a run, or of two side by side: what changed, how each metric and slice moved, the worst items first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader

from pipelines.gate import Judgement
from pipelines.genai import gating
from pipelines.genai.evaluation import Run
from pipelines.genai.journal import Row
from pipelines.genai.metrics import LESS_IS_BETTER
from pipelines.genai.scoring import JUDGED, Scored
from pipelines.scored import ALL

PAGE, SYNTHETIC = "report.html", "synthetic"


@dataclass(frozen=True)
class Moved:
    """A metric in a slice, before and after."""

    metric: str
    slice: str
    items: int
    before: float | None
    after: float

    @property
    def change(self) -> float:
        """The improvement: positive is better."""
        moved = self.after - (self.before if self.before is not None else self.after)
        return -moved if self.metric in LESS_IS_BETTER else moved

    @property
    def style(self) -> str:
        """How the page shows it; a change of time on one computer is no finding."""
        if self.metric == "latency_ms" or abs(self.change) < 0.0005:
            return ""
        return "better" if self.change > 0 else "worse"


def moved(run: Run, before: Run | None) -> list[Moved]:
    """Every metric, over all items that people wrote, in each slice of them, and over the synthetic ones apart."""
    metrics = list(dict.fromkeys(metric for one in run.rows for metric in one.scores))
    every = {one.id for one in run.rows}
    parts = {ALL: every, **dict(sorted(gating.slices(run.rows).items())), SYNTHETIC: every}
    found = []
    for metric in metrics:
        scored = {
            made: [gating.means(one, metric, synthetic=made) if one else {} for one in (run, before)]
            for made in (False, True)
        }
        for name, inside in parts.items():
            now, then = scored[name == SYNTHETIC]
            mine, other = ([scores[id_] for id_ in inside if id_ in scores] for scores in (now, then))
            if mine:
                found.append(Moved(metric, name, len(mine), fmean(other) if other else None, fmean(mine)))
    return found


def page(run: Run, before: Run | None, judgement: Judgement | None, *, deciding: list[str], most: int = 40) -> str:
    """The report as one HTML page that needs nothing else."""
    table = moved(run, before)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    then = {(one.id, one.repeat): one.number for one in before.rows} if before else {}
    worst = sorted(run.rows, key=lambda one: (worth(one, deciding), one.id))[:most]
    return environment.get_template(PAGE).render(
        run=run,
        before=before,
        judgement=judgement,
        totals=[row for row in table if row.slice == ALL],
        parts=[row for row in table if row.slice != ALL and row.metric in deciding],
        changes=_changes(run, before) if before else [],
        judges=[_judges(one) for one in (before, run) if one],
        worst=[(run.items[one.number], _before(before, then.get((one.id, one.repeat)))) for one in worst],
        deciding=deciding,
    )  # fmt: skip


def _judges(run: Run) -> str:
    """The models that rated, by their versions as the API told them; the evaluation service tells none."""
    told = {one.judge_version or "a model whose version was not told" for one in run.items if JUDGED in one.scores}
    return ", ".join(sorted(told))


def _before(run: Run | None, number: int | None) -> Scored | None:
    return None if run is None or number is None else run.items[number]


def worth(one: Row, deciding: list[str]) -> float:
    """How good an answer is by the metrics that decide; the best where none of them applies."""
    scores = [one.scores[metric] for metric in deciding if metric in one.scores]
    return float(np.mean(scores)) if scores else 1.0


def _changes(run: Run, before: Run) -> list[tuple[str, Any, Any]]:
    """What differs between the components of two runs: where, and the two values; of a text, only lines that differ."""
    found = list(_apart("", before.components, run.components))
    if run.chain_version != before.chain_version:
        found.append(("chain", before.chain_version[:12], run.chain_version[:12]))
    return found


def _apart(place: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _apart(f"{place}.{key}".lstrip("."), old.get(key), new.get(key))
    elif old != new:
        yield place, *_lines(old, new)


def _lines(old: Any, new: Any) -> tuple[Any, Any]:
    if not isinstance(old, str) or not isinstance(new, str):
        return old, new
    if len(old) == len(new) == 64:
        return old[:12], new[:12]
    before, after = old.splitlines(), new.splitlines()
    gone = [line for line in before if line not in after]
    come = [line for line in after if line not in before]
    return "\n".join(gone), "\n".join(come)
