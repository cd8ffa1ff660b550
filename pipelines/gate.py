"""The one gate: may this candidate go on? Limits on values, and comparisons of paired scores, both from configuration.

PASS needs every finding to pass. One FAIL fails. What is left is INCONCLUSIVE: neither was shown. Scores that cannot be
judged, such as none at all, NaN or a missing reference, are bad input and never a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from math import ceil
from typing import Annotated, Any, Literal
from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field, PositiveInt

from pipelines.paired import evidence
from pipelines.scored import ALL, Scored, Scores
from settings.values import Model


class Verdict(IntEnum):
    """How the gate ends; the numbers are the exit codes of every command that asks it."""

    PASS = 0
    INCONCLUSIVE = 3
    FAIL = 4


class Limit(Model):
    """A value of the candidate that has to keep a limit, whatever the reference does."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None


class Comparison(Model):
    """What has to be shown about the candidate's scores against the reference's, item by item.

    `better`: by more than `margin`. `not_worse`: at most `margin` worse. Each of `slices` has to be not worse by
    `slice_margin`, which is `margin` where it is left out.
    """

    metric: str
    goal: Literal["maximize", "minimize"] = "maximize"
    show: Literal["better", "not_worse"] = "better"
    margin: Annotated[float, Field(ge=0)] = 0.0
    minimum_items: PositiveInt = 30
    slices: list[str] = []
    slice_margin: Annotated[float | None, Field(ge=0)] = None

    def bound(self, part: str) -> float:
        """The improvement that has to be exceeded in a slice."""
        if part == ALL:
            return self.margin if self.show == "better" else -self.margin
        return -(self.margin if self.slice_margin is None else self.slice_margin)


class Gate(Model):
    """What a candidate is held to. `error` is the share of wrong verdicts of either kind that is put up with."""

    limits: list[Limit] = []
    comparisons: list[Comparison] = []
    error: Annotated[float, Field(gt=0, lt=0.5)] = 0.01
    resamples: PositiveInt = 2000
    seed: int = 0


@dataclass(frozen=True)
class Finding:
    """What was found about one metric in one slice. Differences are improvements: positive is better."""

    metric: str
    slice: str
    verdict: Verdict
    reason: str
    value: float
    items: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


@dataclass(frozen=True)
class Judgement:
    """The verdict of a gate with all that led to it."""

    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """FAIL before INCONCLUSIVE before PASS."""
        return max(finding.verdict for finding in self.findings)

    @property
    def reasons(self) -> list[str]:
        """Why the verdict is what it is: the reasons of the findings that have it."""
        return [finding.reason for finding in self.findings if finding.verdict == self.verdict]

    def as_json(self) -> dict[str, Any]:
        """For machines and for the record of a run."""
        found = [asdict(finding) | {"verdict": finding.verdict.name} for finding in self.findings]
        return {"verdict": self.verdict.name, "reasons": self.reasons, "findings": found}


def judge(
    gate: Gate,
    *,
    values: Mapping[str, float] | None = None,
    candidate: Scores | None = None,
    reference: Scores | None = None,
    slices: Mapping[str, ArrayLike] | None = None,
    place: str = "gate",
) -> Judgement:
    """The judgement on a candidate; the same input gives the same judgement.

    `values` are the numbers that limits are about; where a metric is not among them, it is the mean of its scores.
    `slices` maps a name to a truth value for each item. Raises InvalidSettings
    with all problems where it cannot judge.
    """
    table = Scored(place, values or {}, candidate or {}, reference or {}, slices or {})
    table.check(gate)
    asked = [(it, part) for it in gate.comparisons for part in (ALL, *it.slices)]
    found = [_kept(limit, table.value(limit.metric), table.items(limit.metric)) for limit in gate.limits]
    found += [_compared(gate, comparison, part, table, len(asked)) for comparison, part in asked]
    return Judgement(tuple(found))


def _kept(limit: Limit, value: float, items: int) -> Finding:
    low = limit.at_least if limit.at_least is not None else -np.inf
    high = limit.at_most if limit.at_most is not None else np.inf
    kept = low <= value <= high
    wanted = f"at least {low:g}" if np.isfinite(low) else f"at most {high:g}"
    wanted = f"{low:g} to {high:g}" if np.isfinite(low) and np.isfinite(high) else wanted
    reason = f"{limit.metric} is {value:.4g}; {wanted} is {'kept' if kept else 'missed'}"
    return Finding(limit.metric, ALL, Verdict.PASS if kept else Verdict.FAIL, reason, value, items)


def _compared(gate: Gate, comparison: Comparison, part: str, table: Scored, asked: int) -> Finding:
    """PASS needs all findings and so keeps its error; one FAIL is enough, so its error is shared among all."""
    scores, against = table.pair(comparison.metric, part)
    name = comparison.metric if part == ALL else f"{comparison.metric} in {part}"
    value, n = float(scores.mean()) if len(scores) else 0.0, len(scores)
    if n < comparison.minimum_items:
        reason = f"{name}: {n} items, {comparison.minimum_items} are needed"
        return Finding(comparison.metric, part, Verdict.INCONCLUSIVE, reason, value, n)
    differences = (scores - against) * (1.0 if comparison.goal == "maximize" else -1.0)
    bound = comparison.bound(part)

    seen = evidence(
        differences,
        bound=bound,
        resamples=max(gate.resamples, ceil(10 * asked / gate.error)),
        generator=np.random.default_rng([gate.seed, crc32(f"{comparison.metric}/{part}".encode())]),
    )
    verdict, p, word = Verdict.INCONCLUSIVE, min(seen.p_above, seen.p_below), "neither shown nor refuted"
    low, high = seen.interval(gate.error)
    shared = gate.error / asked
    if low > bound and seen.p_above <= gate.error:
        verdict, p, word = Verdict.PASS, seen.p_above, "shown"
    elif seen.interval(shared)[1] < bound and seen.p_below <= shared:
        verdict, p, word = Verdict.FAIL, seen.p_below, "refuted"
    wanted = f"improvement above {bound:g}"
    reason = f"{name}: {wanted} is {word} ({seen.mean:+.4g}, {low:+.4g} to {high:+.4g}, n={n}, p={p:.2g})"
    return Finding(comparison.metric, part, verdict, reason, value, n, seen.mean, low, high, p)
