"""Asks the gate whether the candidate may go on."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from pipelines.artifacts import Report
from pipelines.flow import Flow
from pipelines.gate import Verdict, judge
from settings.problems import InvalidSettings, Problem


class Made(NamedTuple):
    decision: Report


def run(*, evaluation: Report, scores: pd.DataFrame, sets: Report, flow: Flow) -> Made:
    """PASS, FAIL or INCONCLUSIVE with reasons. The evaluation has to be about the holdout and never about training."""
    if evaluation["validation_set"]["digest"] != sets["holdout"]["digest"]:
        raise InvalidSettings([Problem("gate", "the evaluation is not about this run's holdout", "evaluate again")])
    facts = {"model": evaluation["model"], "holdout": sets["holdout"], "reference": evaluation["reference"]["name"]}
    if evaluation["same_as_champion"]:
        reason = "the candidate is the champion, byte by byte: there is nothing to promote"
        return Made({"verdict": Verdict.INCONCLUSIVE.name, "reasons": [reason], "findings": []} | facts)
    found = judge(
        flow.gate,
        values=evaluation["metrics"],
        candidate={"log_loss": scores["log_loss"].to_numpy()},
        reference={"log_loss": scores["reference_log_loss"].to_numpy()},
        slices={name: scores[name].to_numpy() for name in scores.columns if "=" in name},
    )
    return Made(found.as_json() | facts)
