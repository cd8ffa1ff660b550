"""Watches what a version is asked: skew against its own training data, drift against the rows before."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from pipelines.artifacts import Report
from pipelines.distance import shift, summary
from pipelines.flow import Flow
from pipelines.services.monitoring import Monitor


class Made(NamedTuple):
    monitoring: Report


def run(
    *,
    training: pd.DataFrame,
    predictions: pd.DataFrame,
    version: Report,
    deployment: Report,
    run: str,
    flow: Flow,
    monitor: Monitor,
) -> Made:
    """The job that watches every feature, a first look at this run's rows, and whether to train anew."""
    job = monitor.watch(version["version"], run, training)
    found = look(training, predictions, flow)
    if found["moved"]:
        monitor.alert(version["version"], found["moved"])
    return Made({"job": job, "endpoint": deployment["endpoint"], "version": version["version"]} | found)


def look(before: pd.DataFrame, now: pd.DataFrame, flow: Flow) -> Report:
    """How far each feature is from before, which are too far, and whether that asks for a new training."""
    distances = {name: shift(summary(before[name]), now[name]) for name in flow.inputs}
    moved = {name: far for name, far in distances.items() if far > flow.monitoring.skew}
    return {"distances": distances, "moved": moved, "train_anew": bool(moved)}
