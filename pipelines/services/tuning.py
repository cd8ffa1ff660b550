"""Vertex AI hyperparameter tuning jobs: trials in the team's container. On a laptop the trials run one by one."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from pipelines.artifacts import Report
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services.jobs import request as job
from pipelines.services.ledger import Ledger

KINDS = {int: "integer_value_spec", float: "double_value_spec"}


def report(metric: str, value: float) -> None:
    """Tells the tuning job what a trial has measured, in the form of cloudml-hypertune."""
    file = Path(os.environ.get("CLOUD_ML_HP_METRIC_FILE", "/var/hypertune/output.metrics"))
    facts = {"timestamp": time.time(), "trial": os.environ.get("CLOUD_ML_TRIAL_ID", "0"), "global_step": "0"}
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lines:
        lines.write(json.dumps(facts | {metric: value, "checkpoint_path": ""}) + "\n")


class Tuner(Protocol):
    """Runs trials."""

    def search(self, points: Sequence[dict[str, Any]], trial: Callable[[dict[str, Any]], float]) -> list[Report]:
        """Each trial's parameters and value; None where it failed. On Google the points are Vizier's, not `points`."""
        ...


def at(place: Place, flow: Flow, run: str, arguments: Sequence[str]) -> Tuner:
    return OnLaptop(place, flow, run, arguments) if place.laptop else OnGoogle(place, flow, run, arguments)


def request(place: Place, flow: Flow, run: str, arguments: Sequence[str]) -> Report:
    """The tuning job: metric, goal, search space and limits of trials are those of the flow.

    Each trial is the step's process with `--trial` and the run's `arguments`, to which Google adds the point.
    """
    tuning = flow.tuning
    scales = {"log": "UNIT_LOG_SCALE", "linear": "UNIT_LINEAR_SCALE"}
    parameters = []
    for name, found in tuning.search.items():
        kind = type(getattr(flow.parameters, name))
        limits = {"min_value": kind(found.minimum), "max_value": kind(found.maximum)}
        parameters.append({"parameter_id": name, KINDS[kind]: limits, "scale_type": scales[found.scale]})
    trial = job(place, flow, "tune", run, ["--trial", *arguments])
    return {
        "display_name": f"{place.team}-tune-{run}",
        "labels": trial["labels"],
        "encryption_spec": trial["encryption_spec"],
        "max_trial_count": tuning.trials,
        "parallel_trial_count": tuning.parallel,
        "study_spec": {
            "metrics": [{"metric_id": tuning.metric, "goal": tuning.goal.upper()}],
            "parameters": parameters,
        },
        "trial_job_spec": trial["job_spec"],
    }


class OnGoogle:
    """Vertex AI."""

    def __init__(self, place: Place, flow: Flow, run: str, arguments: Sequence[str]) -> None:
        self._place, self._flow, self._request = place, flow, request(place, flow, run, arguments)

    def search(self, points: Sequence[dict[str, Any]], trial: Callable[[dict[str, Any]], float]) -> list[Report]:
        from pipelines.services.vertex_api import client, wait

        del points, trial
        jobs = client(self._place, "JobServiceClient")
        made = jobs.create_hyperparameter_tuning_job(parent=self._place.parent, hyperparameter_tuning_job=self._request)
        name = made.name
        done = wait(lambda: jobs.get_hyperparameter_tuning_job(name=name))
        return [self._told(one) for one in done.trials]

    def _told(self, one: Any) -> Report:
        kinds = {name: type(getattr(self._flow.parameters, name)) for name in self._flow.tuning.search}
        metrics = one.final_measurement.metrics
        return {
            "parameters": {p.parameter_id: kinds[p.parameter_id](p.value) for p in one.parameters},
            "value": float(metrics[0].value) if metrics else None,
        }


class OnLaptop:
    """STAND-IN. Keeps the request and runs the trials here."""

    def __init__(self, place: Place, flow: Flow, run: str, arguments: Sequence[str]) -> None:
        self._ledger, self._request = Ledger(place, "tuning_jobs"), request(place, flow, run, arguments)

    def search(self, points: Sequence[dict[str, Any]], trial: Callable[[dict[str, Any]], float]) -> list[Report]:
        trials = [{"parameters": point, "value": self._finite(trial(point))} for point in points]
        self._ledger.put(self._request["display_name"], self._request | {"trials": trials})
        return trials

    @staticmethod
    def _finite(value: float) -> float | None:
        return value if math.isfinite(value) else None
