"""Vertex AI hyperparameter tuning jobs: trials in the team's container. On a laptop the trials run one by one."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from pipelines.artifacts import Report
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services.jobs import request as job
from pipelines.services.ledger import Ledger

POINT = "point"
"""The one parameter of a tuning job: which of the points a trial is, as JSON."""


def report(metric: str, value: float) -> None:
    """Tells the tuning job what a trial has measured, in the form of cloudml-hypertune; no number, and it is silent."""
    if not math.isfinite(value):
        return
    file = Path(os.environ.get("CLOUD_ML_HP_METRIC_FILE", "/var/hypertune/output.metrics"))
    facts = {"timestamp": time.time(), "trial": os.environ.get("CLOUD_ML_TRIAL_ID", "0"), "global_step": "0"}
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lines:
        lines.write(json.dumps(facts | {metric: value, "checkpoint_path": ""}) + "\n")


class Tuner(Protocol):
    """Runs trials."""

    def search(self, points: Sequence[dict[str, Any]], trial: Callable[[dict[str, Any]], float]) -> list[Report]:
        """The parameters of each trial, which are one of the points, and its value; None where it failed."""
        ...


def at(place: Place, flow: Flow, run: str, arguments: Sequence[str]) -> Tuner:
    return OnLaptop(place, flow, run, arguments) if place.stands_in else OnGoogle(place, flow, run, arguments)


def request(place: Place, flow: Flow, run: str, arguments: Sequence[str], points: Sequence[dict[str, Any]]) -> Report:
    """The tuning job: metric, goal and limits of trials are those of the flow, the points those of the run's seed.

    Each trial is the step's process with `--trial` and the run's `arguments`, to which Google adds the point. Every
    point is tried, and none that Vizier has thought of: the same data and seed have to give the same model.
    """
    tuning = flow.tuning
    values = {"categorical_value_spec": {"values": [json.dumps(point, sort_keys=True) for point in points]}}
    trial = job(place, flow, "tune", run, ["--trial", *arguments])
    return {
        "display_name": f"{place.team}-tune-{run}",
        "labels": trial["labels"],
        "encryption_spec": trial["encryption_spec"],
        "max_trial_count": len(points),
        "parallel_trial_count": tuning.parallel,
        "study_spec": {
            "metrics": [{"metric_id": tuning.metric, "goal": tuning.goal.upper()}],
            "parameters": [{"parameter_id": POINT} | values],
            "algorithm": "GRID_SEARCH",
        },
        "trial_job_spec": trial["job_spec"],
    }


class OnGoogle:
    """Vertex AI."""

    def __init__(self, place: Place, flow: Flow, run: str, arguments: Sequence[str]) -> None:
        self._place, self._request = place, partial(request, place, flow, run, arguments)

    def search(self, points: Sequence[dict[str, Any]], trial: Callable[[dict[str, Any]], float]) -> list[Report]:
        from pipelines.services.vertex_api import client, started, wait

        del trial
        jobs, asked = client(self._place, "JobServiceClient"), self._request(points)
        name = started(jobs, self._place, "hyperparameter_tuning_job", asked)
        done = wait(lambda: jobs.get_hyperparameter_tuning_job(name=name))
        found = [self._told(one) for one in done.trials]
        return sorted(found, key=lambda one: points.index(one["parameters"]))

    @staticmethod
    def _told(one: Any) -> Report:
        metrics, (point,) = one.final_measurement.metrics, one.parameters
        return {"parameters": json.loads(point.value), "value": float(metrics[0].value) if metrics else None}


class OnLaptop:
    """STAND-IN. Keeps the request and runs the trials here."""

    def __init__(self, place: Place, flow: Flow, run: str, arguments: Sequence[str]) -> None:
        self._ledger, self._request = Ledger(place, "tuning_jobs"), partial(request, place, flow, run, arguments)

    def search(self, points: Sequence[dict[str, Any]], trial: Callable[[dict[str, Any]], float]) -> list[Report]:
        trials = [{"parameters": point, "value": self._finite(trial(point))} for point in points]
        asked = self._request(points)
        self._ledger.put(asked["display_name"], asked | {"trials": trials})
        return trials

    @staticmethod
    def _finite(value: float) -> float | None:
        return value if math.isfinite(value) else None
