"""The gate of a component: is a run to be believed at all, and is it good enough to take the release's place?

`gate.yaml` declares it. Findings about the run itself have names, so that each kind of damage is told by its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, PositiveInt, TypeAdapter

from pipelines import gate
from pipelines.gate import Finding, Judgement, Verdict
from pipelines.genai.agreement import Calibration
from pipelines.genai.assets import Assets
from pipelines.genai.evaluation import Run
from pipelines.genai.journal import Row
from pipelines.genai.lint import Finding as Defect
from pipelines.genai.scoring import JUDGED
from pipelines.scored import ALL
from settings.loading import parse, read_yaml
from settings.problems import InvalidSettings, Problem
from settings.values import Email, Model


class Waiver(Model):
    """A finding that somebody answers for until a day."""

    finding: str
    owner: Email
    until: Annotated[date, Field(strict=False)]
    reason: Annotated[str, Field(min_length=10)]


class Specification(gate.Gate):
    """`gate.yaml`: the gate, and when a run is not to be believed."""

    judge_errors: Annotated[float, Field(ge=0, le=1)] = 0.02
    empty_answers: Annotated[float, Field(ge=0, le=1)] = 0.05
    by_place: Annotated[float, Field(ge=0, le=1)] = 0.1
    by_length: Annotated[float, Field(ge=0, le=1)] = 0.1
    minimum_agreement: Annotated[float, Field(ge=0, le=1)] = 0.6
    budget_tokens: PositiveInt
    waivers: list[Waiver] = []
    proposal: list[gate.Comparison] = []
    """What a prompt that a model proposes has to show against the one that stands, on the development split."""

    @property
    def judged(self) -> set[str]:
        """Metrics that decide."""
        return {limit.metric for limit in self.limits} | {comparison.metric for comparison in self.comparisons}


@dataclass(frozen=True)
class Beside:
    """What the gate knows beside the runs: defects of the golden set, and what was found about the judge."""

    defects: Sequence[Defect] = ()
    calibration: Calibration | None = None


def read(assets: Assets, name: str) -> Specification:
    """The gate of an evaluation."""
    place = f"evaluations/{name}/gate.yaml"
    path: Path = assets.path("evaluations", name, "gate.yaml") / "gate.yaml"
    it: Specification = parse(TypeAdapter(Specification), read_yaml(path, place), place)
    return it


def judge(
    it: Specification, candidate: Run, reference: Run, *, beside: Beside | None = None, today: date | None = None
) -> Judgement:
    """The judgement. Raises InvalidSettings where nothing can be said: other evaluations, nothing scored, no judge.

    Damage ends it. What is waived of the damage leaves the quality to be judged.
    """
    comparable(candidate, reference)
    _readable(it, candidate)
    day = today or date.max
    found = list(_waived(it, _damage(it, candidate, beside or Beside()), day))
    if all(finding.verdict == Verdict.PASS for finding in found):
        found += _waived(it, _quality(it, candidate, reference), day)
    return Judgement(tuple(found))


def improves(it: Specification, candidate: Run, reference: Run, beside: Beside) -> Judgement:
    """The judgement about a proposed prompt; damage and an unfit judge count as everywhere, no finding is waived."""
    if not it.proposal:
        way_out = "write down what a proposal has to show"
        raise InvalidSettings([Problem("gate.yaml.proposal", "is empty: any proposal would be kept", way_out)])
    asked = it.model_copy(update={"limits": [], "comparisons": it.proposal, "waivers": []})
    return judge(asked, candidate, reference, beside=beside)


def comparable(first: Run, second: Run) -> None:
    """Raises InvalidSettings where two runs did not measure the same thing in the same way."""
    if first.evaluation != second.evaluation:
        text = f"was evaluated as {second.evaluation[:12]}, the other run as {first.evaluation[:12]}"
        way_out = "metrics, judge or golden set differ; evaluate both the same way"
        raise InvalidSettings([Problem(f"run {second.key[:16]}", text, way_out)])


def means(run: Run, metric: str, *, synthetic: bool = False) -> dict[str, float]:
    """The score of each item that has one: the mean of its repeats. Items that no person wrote are counted apart."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in run.rows:
        if metric in one.scores and one.synthetic == synthetic:
            found[one.id].append(one.scores[metric])
    return {id_: sum(scores) / len(scores) for id_, scores in found.items()}


def slices(rows: Iterable[Row]) -> dict[str, set[str]]:
    """The ids of each slice, named as `kind:number`; of items that people wrote."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in rows:
        for key, value in one.slices.items() if not one.synthetic else ():
            found[f"{key}:{value}"].add(one.id)
    return found


def _quality(it: Specification, candidate: Run, reference: Run) -> list[Finding]:
    """What the one gate says. Metrics that are about the same items are compared together."""
    values = {limit.metric: scores for limit in it.limits if (scores := means(candidate, limit.metric))}
    averages = {metric: float(np.mean(list(scores.values()))) for metric, scores in values.items()}
    found: list[Finding] = []
    groups: dict[tuple[str, ...], list[gate.Comparison]] = defaultdict(list)
    for comparison in it.comparisons:
        mine, other = means(candidate, comparison.metric), means(reference, comparison.metric)
        groups[tuple(sorted(mine.keys() & other.keys()))].append(comparison)
    asked = gate.Gate(limits=it.limits, error=it.error, resamples=it.resamples, seed=it.seed)
    if it.limits:
        found += gate.judge(asked, values=averages, place="gate.yaml").findings
    for ids, comparisons in groups.items():
        now, then = (_paired(run, comparisons, ids) for run in (candidate, reference))
        parts = {name: [id_ in inside for id_ in ids] for name, inside in slices(candidate.rows).items()}
        asked = gate.Gate(comparisons=comparisons, error=it.error, resamples=it.resamples, seed=it.seed)
        found += gate.judge(asked, candidate=now, reference=then, slices=parts, place="gate.yaml").findings
    return found


def _paired(run: Run, comparisons: Iterable[gate.Comparison], ids: Sequence[str]) -> dict[str, list[float]]:
    found = {c.metric: means(run, c.metric) for c in comparisons}
    return {metric: [scores[id_] for id_ in ids] for metric, scores in found.items()}


def _readable(it: Specification, candidate: Run) -> None:
    """Raises InvalidSettings where the judge failed more often than its rate: what is left would be no sample."""
    asked = [one for one in candidate.rows if one.judge_error or JUDGED in one.scores]
    failed = [one for one in asked if one.judge_error]
    if len(failed) > it.judge_errors * len(asked):
        text = f"the judge failed on {len(failed)} of {len(asked)} items; {failed[0].judge_error}"
        raise InvalidSettings([Problem(f"run {candidate.key[:16]}", text, "correct the judge and run again")])


def _damage(it: Specification, candidate: Run, beside: Beside) -> Iterator[Finding]:
    """What makes a run unbelievable, each by its name."""
    yield from _swapped(candidate)
    empty = [one for one in candidate.rows if one.empty]
    share = len(empty) / max(1, len(candidate.items))
    if share > it.empty_answers:
        yield _no("empty-answers", f"{len(empty)} of {len(candidate.items)} answers are empty", share)
    spent = sum(one.tokens for one in candidate.rows)
    if spent > it.budget_tokens:
        yield _no("over-budget", f"the answers took {spent} tokens, the budget is {it.budget_tokens}", spent)
    for defect in beside.defects:
        yield _no(f"{defect.defect}-in-golden-set", str(defect), 1.0)
    if beside.calibration and JUDGED in it.judged:
        yield from doubts(it, beside.calibration)


def doubts(it: Specification, found: Calibration) -> Iterator[Finding]:
    """Why a judge may not decide."""
    if found.by_place > it.by_place:
        yield _no("judge-goes-by-place", f"{found.by_place:.0%} of its preferences follow the order", found.by_place)
    if found.by_length > it.by_length:
        text = f"{found.by_length:.0%} of its preferences are for an answer that says the same twice"
        yield _no("judge-goes-by-length", text, found.by_length)
    if found.kappa is not None and found.kappa < it.minimum_agreement:
        text = f"it agrees with people by kappa {found.kappa:.2f}; {it.minimum_agreement} is needed to decide"
        yield _no("judge-disagrees-with-people", text, found.kappa)


def _swapped(candidate: Run) -> Iterator[Finding]:
    """Answers that do not come from the component that was asked, by the word of who answered.

    Models of Vertex AI tell their version, but not the parameters that they used: those are what was sent.
    """
    for metric, field in (("changed-model", "model_version"), ("changed-parameters", "parameters")):
        for one in candidate.items:
            for step in one.steps:
                component = candidate.components.get(step["component"].partition(":")[2].partition("@")[0])
                if component and field in step["facts"] and step["facts"][field] != component[field]:
                    told = f"'{one.id}' was answered with {step['facts'][field]}, the prompt names {component[field]}"
                    yield _no(metric, told, 1.0)
                    break
            else:
                continue
            break


def _no(metric: str, reason: str, value: float) -> Finding:
    return Finding(metric, ALL, Verdict.FAIL, f"{metric}: {reason}", value, 0)


def _waived(it: Specification, found: Iterable[Finding], today: date) -> Iterator[Finding]:
    waivers: Mapping[str, Waiver] = {waiver.finding: waiver for waiver in it.waivers}
    for finding in found:
        waiver = waivers.get(finding.metric if finding.slice == ALL else f"{finding.metric}/{finding.slice}")
        if finding.verdict == Verdict.PASS or waiver is None:
            yield finding
        elif waiver.until < today:
            yield replace(finding, reason=f"{finding.reason}; the waiver of {waiver.owner} ended on {waiver.until}")
        else:
            told = f"{finding.reason}; waived by {waiver.owner} until {waiver.until}: {waiver.reason}"
            yield replace(finding, verdict=Verdict.PASS, reason=told)
