"""Watches what a version is asked: skew against its own training data, drift against the rows before."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from pipelines.artifacts import Report
from pipelines.distance import comparable, shift, summary
from pipelines.flow import Flow
from pipelines.services.experiments import Experiments
from pipelines.services.monitoring import Monitor


class Made(NamedTuple):
    monitoring: Report


def run(
    *,
    training: pd.DataFrame,
    predictions: pd.DataFrame,
    version: Report,
    deployment: Report,
    tracked: Report,
    flow: Flow,
    monitor: Monitor,
    experiments: Experiments,
) -> Made:
    """The job that watches every feature, and a first look at this run's rows. With it the tracked run has ended."""
    job = monitor.watch(version["version"], training)
    before = monitor.before(tracked["run"], predictions)
    skew, drift = distances(training, predictions, flow), distances(before, predictions, flow)
    moved = {name: far for name, far in skew.items() if far > flow.monitoring.limits(name).skew}
    moved |= {name: far for name, far in drift.items() if far > flow.monitoring.limits(name).drift}
    if moved:
        monitor.alert(version["version"], moved)
    experiments.end(tracked["run"])
    facts = {"job": job, "endpoint": deployment["endpoint"], "version": version["version"]}
    return Made(facts | {"skew": skew, "drift": drift, "moved": moved})


def distances(before: pd.DataFrame | None, now: pd.DataFrame, flow: Flow) -> dict[str, float]:
    """How far each feature is from before; nothing where there is no before, or it was another kind of feature."""
    if before is None:
        return {}
    kept = {name: summary(before[name]) for name in flow.inputs if name in before}
    return {name: shift(it, now[name]) for name, it in kept.items() if comparable(it, now[name])}
