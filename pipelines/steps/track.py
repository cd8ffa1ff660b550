"""Records the run in the team's experiment, whatever the gate has said."""

from __future__ import annotations

from typing import NamedTuple

from pipelines.artifacts import Report
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
    """Parameters, metrics, data version and code commit, under the run's name."""
    facts = {"data": sets["data"], "commit": commit, "verdict": decision["verdict"], "model": evaluation["model"]}
    experiments.log(run, trained["parameters"], evaluation["metrics"], facts)
    return Made({"run": run} | facts)
