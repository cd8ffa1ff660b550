"""What a gate looks at: the values and paired scores of a candidate and its reference, and what is unusable in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.paired import Floats
from settings.problems import InvalidSettings, Problem, suggestion

if TYPE_CHECKING:
    from pipelines.gate import Comparison, Gate

ALL = "all"
"""The slice that holds every item."""

Scores = Mapping[str, ArrayLike]
"""By metric: one score for each item, in the same order for candidate and reference. Average repeats first."""


@dataclass(frozen=True)
class Scored:
    """What a gate looks at."""

    place: str
    values: Mapping[str, float]
    candidate: Scores
    reference: Scores
    slices: Mapping[str, ArrayLike]

    def value(self, metric: str) -> float:
        return float(self.values[metric]) if metric in self.values else float(_array(self.candidate[metric]).mean())

    def items(self, metric: str) -> int:
        return len(_array(self.candidate[metric])) if metric in self.candidate else 0

    def pair(self, metric: str, part: str) -> tuple[Floats, Floats]:
        scores, against = _array(self.candidate[metric]), _array(self.reference[metric])
        inside: NDArray[np.bool_] = np.asarray(self.slices[part], bool) if part != ALL else np.ones(len(scores), bool)
        return scores[inside], against[inside]

    def check(self, gate: Gate) -> None:
        """Every problem that keeps the gate from judging, told at once."""
        problems = [Problem(self.place, text, way) for text, way in self._problems(gate)]
        if problems:
            raise InvalidSettings(problems)

    def _problems(self, gate: Gate) -> Iterator[tuple[str, str]]:
        if not gate.limits and not gate.comparisons:
            yield "asks for nothing", "add a limit or a comparison"
        for limit in gate.limits:
            if limit.at_least is None and limit.at_most is None:
                yield f"the limit on '{limit.metric}' limits nothing", "add at_least or at_most"
            if limit.metric not in self.values:
                yield from _unusable(self.candidate, limit.metric, "the candidate", self.values)
            elif not np.isfinite(self.values[limit.metric]):
                yield f"'{limit.metric}' is {self.values[limit.metric]}", "find out why the metric is not a number"
        for comparison in gate.comparisons:
            yield from self._uncomparable(comparison)

    def _uncomparable(self, comparison: Comparison) -> Iterator[tuple[str, str]]:
        metric = comparison.metric
        found = [
            *_unusable(self.candidate, metric, "the candidate"),
            *_unusable(self.reference, metric, "the reference"),
        ]
        yield from found
        if found:
            return
        n, against = len(_array(self.candidate[metric])), len(_array(self.reference[metric]))
        if n != against:
            yield f"'{metric}' has {n} scores of the candidate and {against} of the reference", "score the same items"
        for part in comparison.slices:
            if part not in self.slices:
                yield f"slice '{part}' does not exist", suggestion(part, self.slices, "remove it from the gate")
            elif len(np.asarray(self.slices[part])) != n:
                yield f"slice '{part}' is about {len(np.asarray(self.slices[part]))} of {n} items", "mark every item"


def _array(scores: ArrayLike) -> Floats:
    return np.asarray(scores, dtype=np.float64)


def _unusable(
    scores: Scores, metric: str, whose: str, others: Mapping[str, float] | None = None
) -> Iterator[tuple[str, str]]:
    if metric not in scores:
        known = {*scores, *(others or {})}
        yield f"{whose} has no scores for '{metric}'", suggestion(metric, known, "score it, or do not ask for it")
        return
    array = _array(scores[metric])
    if array.ndim != 1:
        yield f"'{metric}' of {whose} is not one score an item", "average repeats first"
    elif not len(array):
        yield f"'{metric}' of {whose} has no scored rows", "find out why nothing was scored"
    elif wrong := int((~np.isfinite(array)).sum()):
        yield f"'{metric}' of {whose} is not a number in {wrong} of {len(array)} rows", "find out why"
