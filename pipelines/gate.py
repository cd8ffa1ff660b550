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

from pipelines.paired import Evidence, evidence, shares
from pipelines.scored import ALL, Scored, Scores
from settings.problems import InvalidSettings, Problem
from settings.values import Model

Counts = Mapping[str, tuple[int, int]]
"""By metric: hits, and the items among which they are."""
DRAWS = 20_000


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

    @property
    def sign(self) -> float:
        """What makes an improvement of a difference."""
        return 1.0 if self.goal == "maximize" else -1.0

    def named(self, part: str) -> str:
        """How people call it in a slice."""
        return self.metric if part == ALL else f"{self.metric} in {part}"

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
    scores, against = table.pair(comparison.metric, part)
    value, n = float(scores.mean()) if len(scores) else 0.0, len(scores)
    if n < comparison.minimum_items:
        return _too_few(comparison, part, value, n)
    seen = evidence(
        (scores - against) * comparison.sign,
        bound=comparison.bound(part),
        resamples=max(gate.resamples, ceil(10 * asked / gate.error)),
        generator=_generator(gate, comparison, part),
    )
    return _found(gate, comparison, part, seen, value, n, asked)


def judge_shares(gate: Gate, *, candidate: Counts, reference: Counts, place: str = "gate") -> Judgement:
    """The judgement on shares of items that are not the same for both, such as requests that failed.

    Raises InvalidSettings where more is asked than comparisons of the whole, or where something was not counted.
    """
    wrong = [
        Problem(place, f"'{one.metric}' of {whose} is {counts.get(one.metric)}", "count hits, among all items")
        for one in gate.comparisons
        for whose, counts in (("the candidate", candidate), ("the reference", reference))
        if not 0 <= (counted := counts.get(one.metric, (1, 0)))[0] <= counted[1]
    ]
    if gate.limits or any(one.slices for one in gate.comparisons):
        wrong.append(Problem(place, "asks shares about limits or slices", "ask comparisons of the whole"))
    if wrong or not gate.comparisons:
        raise InvalidSettings(wrong or [Problem(place, "asks for nothing", "add a comparison")])
    asked = [(one, candidate[one.metric], reference[one.metric]) for one in gate.comparisons]
    return Judgement(tuple(_of_shares(gate, *one) for one in asked))


def _of_shares(gate: Gate, comparison: Comparison, candidate: tuple[int, int], reference: tuple[int, int]) -> Finding:
    (hits, n), (others, m) = candidate, reference
    if min(n, m) < comparison.minimum_items:
        return _too_few(comparison, ALL, hits / n if n else 0.0, min(n, m))
    pair = (hits, others) if comparison.sign > 0 else (n - hits, m - others)
    generator = _generator(gate, comparison, ALL)
    asked, bound = len(gate.comparisons), comparison.bound(ALL)
    seen = shares(pair, (n, m), bound=bound, draws=max(DRAWS, ceil(10 * asked / gate.error)), generator=generator)
    return _found(gate, comparison, ALL, seen, hits / n, n, asked)


def _generator(gate: Gate, comparison: Comparison, part: str) -> np.random.Generator:
    return np.random.default_rng([gate.seed, crc32(f"{comparison.metric}/{part}".encode())])


def _too_few(comparison: Comparison, part: str, value: float, n: int) -> Finding:
    reason = f"{comparison.named(part)}: {n} items, {comparison.minimum_items} are needed"
    return Finding(comparison.metric, part, Verdict.INCONCLUSIVE, reason, value, n)


def _found(gate: Gate, comparison: Comparison, part: str, seen: Evidence, value: float, n: int, asked: int) -> Finding:
    """PASS needs all findings and so keeps its error; one FAIL is enough, so its error is shared among all."""
    bound, name = comparison.bound(part), comparison.named(part)
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
