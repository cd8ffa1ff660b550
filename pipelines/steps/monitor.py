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
    """The job that watches every feature, a first look at this run's rows, and whether that asks for a new training."""
    job = monitor.watch(version["version"], run, training)
    skew, drift = distances(training, predictions, flow), distances(monitor.before(predictions), predictions, flow)
    moved = {name: far for name, far in skew.items() if far > flow.monitoring.limits(name).skew}
    moved |= {name: far for name, far in drift.items() if far > flow.monitoring.limits(name).drift}
    if moved:
        monitor.alert(version["version"], moved)
    facts = {"job": job, "endpoint": deployment["endpoint"], "version": version["version"]}
    return Made(facts | {"skew": skew, "drift": drift, "moved": moved, "train_anew": bool(moved)})


def distances(before: pd.DataFrame | None, now: pd.DataFrame, flow: Flow) -> dict[str, float]:
    """How far each feature is from before; nothing where there is no before."""
    if before is None:
        return {}
    return {name: shift(summary(before[name]), now[name]) for name in flow.inputs}
