"""Records the run in the team's experiment, whatever the gate has said."""

from __future__ import annotations

from typing import NamedTuple

from pipelines.artifacts import Report
from pipelines.gate import Verdict
from pipelines.services.experiments import Experiments


class Made(NamedTuple):
    tracked: Report


def run(
    *,
    evaluation: Report,
    trained: Report,
    sets: Report,
    decision: Report,
    run: str,
    commit: str,
    experiments: Experiments,
) -> Made:
    """Parameters, metrics, data version and code commit, under the run's name. A run that has passed goes on."""
    facts = {"data": sets["data"], "commit": commit, "verdict": decision["verdict"], "model": evaluation["model"]}
    ended = decision["verdict"] != Verdict.PASS.name
    experiments.log(run, trained["parameters"], evaluation["metrics"], facts, ended=ended)
    return Made({"run": run} | facts)
