"""The gate: how often it is wrong, what it refuses to judge, and that it says why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipelines.flow import read_flow
from pipelines.gate import Comparison, Gate, Limit, Verdict, judge, judge_shares
from settings.problems import InvalidSettings
from tests.conftest import ROOT

BETTER = Gate(comparisons=[Comparison(metric="score")])
SHIPPED = {
    "a gate that says nothing": BETTER,
    "churn": read_flow("churn").gate,
    "tumours": read_flow("tumours", ROOT / "tests/pipelines/flows").gate,
}
"""By flow. Their limits are left out: an equal model keeps them."""
NOT_WORSE = Gate(comparisons=[Comparison(metric="score", show="not_worse", margin=0.02)])
ITEMS = 120
EFFECT = 0.05
"""The stated effect: five points of a score whose paired differences spread by fourteen."""
SPREAD = 0.14


def verdicts(gate: Gate, effect: float, runs: int, items: int = ITEMS) -> list[Verdict]:
    """Verdicts over seeded runs in which the candidate is better by `effect` in the gate's one comparison."""
    out, (one,) = [], gate.comparisons
    for seed in range(runs):
        generator = np.random.default_rng([11, seed])
        reference = generator.uniform(0.3, 0.9, items)
        candidate = reference + one.sign * generator.normal(effect, SPREAD, items)
        sides = {"candidate": {one.metric: candidate}, "reference": {one.metric: reference}}
        out.append(judge(gate.model_copy(update={"limits": []}), **sides).verdict)
    return out


def share(found: list[Verdict], wanted: Verdict) -> float:
    return sum(verdict == wanted for verdict in found) / len(found)


@pytest.mark.parametrize("flow", SHIPPED)
def test_an_equal_model_is_promoted_in_less_than_five_of_a_hundred_runs(flow: str) -> None:
    assert share(verdicts(SHIPPED[flow], 0.0, 500), Verdict.PASS) < 0.04


@pytest.mark.parametrize("flow", SHIPPED)
def test_a_better_model_is_promoted_in_more_than_eighty_of_a_hundred_runs(flow: str) -> None:
    assert share(verdicts(SHIPPED[flow], EFFECT, 500), Verdict.PASS) > 0.8


def test_the_same_thing_twice_fails_in_less_than_two_of_a_hundred_runs() -> None:
    assert share(verdicts(NOT_WORSE, 0.0, 500), Verdict.FAIL) < 0.02
    same = Gate(comparisons=[Comparison(metric="score", show="not_worse")])
    assert share(verdicts(same, 0.0, 500), Verdict.FAIL) < 0.02


def test_a_worse_candidate_fails_in_more_than_eighty_of_a_hundred_runs() -> None:
    assert share(verdicts(NOT_WORSE, -0.02 - EFFECT, 200), Verdict.FAIL) > 0.8


@pytest.mark.proves("GO-ci-2", defect="a candidate that is worse than chance explains, and one with too few items")
def test_noisy_scores_pass_fail_or_stay_open_by_their_bound() -> None:
    noise = np.random.default_rng(5).normal(0, SPREAD, ITEMS)
    noise -= noise.mean()
    reference = np.full(ITEMS, 0.5)
    found = {
        effect: judge(NOT_WORSE, candidate={"score": reference + noise + effect}, reference={"score": reference})
        for effect in (EFFECT, -0.03, -0.1)
    }
    assert [one.verdict for one in found.values()] == [Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL]
    assert all(" p=" in one.findings[0].reason for one in found.values()), "the bound is told"
    few = judge(NOT_WORSE, candidate={"score": reference[:9] + 1}, reference={"score": reference[:9]})
    assert few.verdict is Verdict.INCONCLUSIVE


def test_right_or_wrong_answers_are_judged_as_surely() -> None:
    false = 0
    for seed in range(300):
        generator = np.random.default_rng([12, seed])
        reference, other = generator.random((2, 60)) < 0.7
        same = Gate(comparisons=[Comparison(metric="exact", show="not_worse")])
        verdict = judge(same, candidate={"exact": other}, reference={"exact": reference}).verdict
        false += verdict == Verdict.FAIL
    assert false / 300 < 0.02


def test_asking_about_many_slices_does_not_fail_an_equal_candidate_more_often() -> None:
    names = [f"part{i}" for i in range(8)]
    gate = Gate(comparisons=[Comparison(metric="score", show="not_worse", slices=names)], error=0.05)
    failed, runs = 0, 60
    for seed in range(runs):
        generator = np.random.default_rng([13, seed])
        reference, other = generator.normal(0.6, 0.1, (2, 320))
        parts = {name: np.arange(320) % 8 == i for i, name in enumerate(names)}
        found = judge(gate, candidate={"score": other}, reference={"score": reference}, slices=parts)
        failed += found.verdict is Verdict.FAIL
    assert failed / runs < 0.12  # unshared, nine questions would fail in more than 0.3


def test_a_slice_that_got_worse_is_found_behind_a_better_whole() -> None:
    reference = np.linspace(0.4, 0.8, 200)
    inside = np.arange(200) % 5 == 0
    candidate = reference + np.where(inside, -0.1, 0.1) + np.random.default_rng(1).normal(0, 0.02, 200)
    gate = Gate(comparisons=[Comparison(metric="score", slices=["minority"])])
    found = judge(gate, candidate={"score": candidate}, reference={"score": reference}, slices={"minority": inside})
    assert found.verdict is Verdict.FAIL
    assert [(f.slice, f.verdict.name) for f in found.findings] == [("all", "PASS"), ("minority", "FAIL")]
    assert "score in minority" in found.reasons[0]


def test_a_goal_to_minimize_turns_the_comparison_round() -> None:
    reference = np.linspace(0.4, 0.8, 50)
    gate = Gate(comparisons=[Comparison(metric="loss", goal="minimize")])
    assert judge(gate, candidate={"loss": reference - 0.1}, reference={"loss": reference}).verdict is Verdict.PASS
    assert judge(gate, candidate={"loss": reference + 0.1}, reference={"loss": reference}).verdict is Verdict.FAIL


def test_few_items_are_inconclusive_however_good_they_look() -> None:
    found = judge(BETTER, candidate={"score": np.ones(12)}, reference={"score": np.zeros(12)})
    assert (found.verdict, found.reasons) == (Verdict.INCONCLUSIVE, ["score: 12 items, 30 are needed"])


def test_a_handful_of_items_is_tested_exactly() -> None:
    gate = Gate(comparisons=[Comparison(metric="score", minimum_items=5)])
    sure = judge(gate, candidate={"score": np.linspace(1, 2, 8)}, reference={"score": np.zeros(8)})
    assert sure.findings[0].p == 1 / 2**8
    unsure = judge(gate, candidate={"score": np.linspace(1, 2, 5)}, reference={"score": np.zeros(5)})
    assert unsure.verdict is Verdict.INCONCLUSIVE


def test_limits_hold_whatever_the_reference_does() -> None:
    gate = Gate(limits=[Limit(metric="auc", at_least=0.7), Limit(metric="calibration", at_most=0.1)])
    assert judge(gate, values={"auc": 0.71, "calibration": 0.1}).verdict is Verdict.PASS
    found = judge(gate, values={"auc": 0.69, "calibration": 0.1})
    assert (found.verdict, found.reasons) == (Verdict.FAIL, ["auc is 0.69; at least 0.7 is missed"])


def test_the_same_input_gives_the_same_judgement() -> None:
    scores = np.random.default_rng(3).normal(0.5, 0.2, (2, 80))
    first, again = (judge(BETTER, candidate={"score": scores[0]}, reference={"score": scores[1]}) for _ in range(2))
    assert first == again


def test_many_items_are_judged_like_few() -> None:
    generator = np.random.default_rng(4)
    reference = generator.normal(0.5, 0.2, 100_000)
    better = judge(BETTER, candidate={"score": reference + 0.01}, reference={"score": reference})
    equal = judge(
        BETTER, candidate={"score": reference + generator.normal(0, 0.1, 100_000)}, reference={"score": reference}
    )
    assert (better.verdict, equal.verdict) == (Verdict.PASS, Verdict.INCONCLUSIVE)


GOOD = np.linspace(0, 1, 40)
UNUSABLE: dict[str, tuple[dict[str, Any], str]] = {
    "no rows": ({"candidate": {"score": []}, "reference": {"score": []}}, "has no scored rows"),
    "a metric that is not a number": (
        {"candidate": {"score": [*GOOD[:-1], np.nan]}, "reference": {"score": GOOD}},
        "is not a number in 1 of 40 rows",
    ),
    "a missing reference": ({"candidate": {"score": GOOD}}, "the reference has no scores for 'score'"),
    "a misspelt metric": (
        {"candidate": {"scores": GOOD}, "reference": {"score": GOOD}},
        "the candidate has no scores for 'score'; did you mean 'scores'?",
    ),
    "other items": ({"candidate": {"score": GOOD}, "reference": {"score": GOOD[1:]}}, "score the same items"),
    "repeats": ({"candidate": {"score": [GOOD, GOOD]}, "reference": {"score": GOOD}}, "average repeats first"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_judged_is_an_error_and_never_a_score(case: str) -> None:
    given, told = UNUSABLE[case]
    with pytest.raises(InvalidSettings, match=r"gate: ") as error:
        judge(BETTER, **given)
    assert told in str(error.value)


def test_a_value_that_is_not_a_number_is_an_error() -> None:
    gate = Gate(limits=[Limit(metric="auc", at_least=0.7)])
    with pytest.raises(InvalidSettings, match="'auc' is nan"):
        judge(gate, values={"auc": float("nan")})


def test_a_gate_that_asks_for_nothing_lets_nothing_through() -> None:
    with pytest.raises(InvalidSettings, match="asks for nothing"):
        judge(Gate(), values={"auc": 1.0})
    with pytest.raises(InvalidSettings, match="limits nothing"):
        judge(Gate(limits=[Limit(metric="auc")]), values={"auc": 1.0})


SHARES = Gate(
    comparisons=[Comparison(metric="failed", goal="minimize", show="not_worse", margin=0.02, minimum_items=20)],
    error=0.05,
)


def test_shares_that_were_not_counted_are_an_error_and_never_a_verdict() -> None:
    some = {"failed": (1, 900)}
    for wrong in ({}, {"failed": (-1, 9)}, {"failed": (10, 9)}):
        for counts in ((wrong, some), (some, wrong)):
            with pytest.raises(InvalidSettings, match="count hits, among all items"):
                judge_shares(SHARES, candidate=counts[0], reference=counts[1])
    assert judge_shares(SHARES, candidate={"failed": (0, 0)}, reference=some).verdict is Verdict.INCONCLUSIVE
    with pytest.raises(InvalidSettings, match="asks for nothing"):
        judge_shares(Gate(), candidate=some, reference=some)


def test_what_shares_cannot_be_asked_is_refused_and_not_left_out() -> None:
    (one,), some = SHARES.comparisons, {"failed": (1, 900)}
    sliced = one.model_copy(update={"slices": ["minority"]})
    for more in ({"limits": [Limit(metric="failed", at_most=0.5)]}, {"comparisons": [sliced]}):
        with pytest.raises(InvalidSettings, match="asks shares about limits or slices"):
            judge_shares(SHARES.model_copy(update=more), candidate=some, reference=some)
