"""The rule of a canary, however often it is asked: how often it is wrong, and what it accepts."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from pipelines.flow import Canary, read_flow
from pipelines.gate import Gate
from pipelines.steps.conclude import after, judged_by

RULE = read_flow("churn").serving.canary
ITS, OTHERS = 50, 450
"""Requests of the version on trial and of the champion between two looks."""


def ends(rule: Canary, effect: float, seed: int, failing: float = 0.01) -> tuple[str, bool]:
    """How a version ends that fails more often by `effect`, and whether its time was over."""
    generator, mine, other = np.random.default_rng([13, seed]), 0, 0
    for look in range(1, rule.looks + 1):
        mine += int(generator.binomial(ITS, failing + effect))
        other += int(generator.binomial(OTHERS, failing))
        minutes = min(look * rule.look_every_minutes, rule.at_most_minutes)
        champion = {"requests": OTHERS * look, "errors": other}
        seen = {"requests": ITS * look, "errors": mine, "minutes": minutes, "champion": champion}
        if (found := after(judged_by(rule, seen), minutes, rule)) != "wait":
            return found, minutes == rule.at_most_minutes
    raise AssertionError("the last look concludes")


class Unspent(Canary):
    """The planted defect: the whole error at each look."""

    @property
    def gate(self) -> Gate:
        return super().gate.model_copy(update={"error": self.error})


def wrong(rule: Canary) -> int:
    """Of a hundred versions that fail more often by exactly what is put up with, those that are crowned."""
    return sum(ends(rule, rule.margin, seed)[0] == "widen" for seed in range(100))


@pytest.mark.proves("O12", defect="a version that fails more often by the margin, and the whole error at each look")
def test_a_version_at_the_margin_is_crowned_no_more_often_than_the_error_however_often_one_looks() -> None:
    assert wrong(RULE) <= 100 * RULE.error
    assert wrong(Unspent(**RULE.model_dump())) > 100 * RULE.error


def test_who_fails_alike_is_not_refuted_and_who_fails_more_is_taken_back_before_its_time_is_over() -> None:
    alike = [ends(RULE, 0.0, seed) for seed in range(100)]
    assert alike.count(("roll back", False)) <= 5
    assert sum(found == "widen" for found, _ in alike) > 80
    assert [ends(RULE, 0.07, seed) for seed in range(100)].count(("roll back", False)) > 80


def test_the_last_look_takes_back_what_was_not_shown_and_waits_no_more() -> None:
    nobody = {"requests": 0, "errors": 0, "champion": {"requests": 0, "errors": 0}}
    judged, last = judged_by(RULE, nobody), RULE.at_most_minutes
    assert (after(judged, last - 1, RULE), after(judged, last, RULE)) == ("wait", "roll back")


@pytest.mark.parametrize("minutes", [0, 7, 25, 45, 59, 60])
def test_it_is_looked_every_so_many_minutes_that_divide_an_hour(minutes: int) -> None:
    told = RULE.model_dump()
    assert Canary(**told | {"look_every_minutes": 20})
    with pytest.raises(ValidationError, match="percent"):
        Canary(**told | {"percent": 100})  # whoever has all the traffic is on trial no more
    with pytest.raises(ValidationError, match="look_every_minutes"):
        Canary(**told | {"look_every_minutes": minutes})
