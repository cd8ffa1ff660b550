"""Looks for the best parameters within the training set."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipelines.artifacts import Report
from pipelines.flow import Flow, Range
from pipelines.services.tuning import Tuner
from pipelines.steps.train import fit, losses
from settings.problems import InvalidSettings, Problem

FOLDS = 3


class Made(NamedTuple):
    best: Report


def run(*, training: pd.DataFrame, flow: Flow, tuner: Tuner) -> Made:
    """The parameters of the best trial. A trial without a number is told and never best; none at all is an error."""
    trials = tuner.search(points(flow), lambda point: trial(training, flow, point))
    good = [one for one in trials if one["value"] is not None and np.isfinite(one["value"])]
    if not good:
        raise InvalidSettings(
            [Problem("tuning", f"no trial has a number for '{flow.tuning.metric}'", "look at the data")]
        )
    sign = 1 if flow.tuning.goal == "minimize" else -1
    found = min(good, key=lambda one: sign * one["value"])
    return Made({"parameters": flow.parameters.model_dump() | found["parameters"], "trials": trials})


def points(flow: Flow) -> list[dict[str, Any]]:
    """What is tried: the run's own parameters first, then points of the search space; as many as there are trials."""
    return [{}, *search(flow)][: flow.tuning.trials]


def search(flow: Flow) -> list[dict[str, Any]]:
    """The points that are tried, spread evenly by the run's seed."""
    generator = np.random.default_rng(flow.parameters.seed)
    order = {name: generator.permutation(flow.tuning.trials) for name in flow.tuning.search}
    spread = {
        name: [_between(found, (i + 0.5) / flow.tuning.trials) for i in order[name]]
        for name, found in flow.tuning.search.items()
    }
    kinds = {name: type(getattr(flow.parameters, name)) for name in spread}
    return [{name: kinds[name](values[i]) for name, values in spread.items()} for i in range(flow.tuning.trials)]


def _between(range_: Range, share: float) -> float:
    if range_.scale == "log":
        return float(range_.minimum * (range_.maximum / range_.minimum) ** share)
    return range_.minimum + (range_.maximum - range_.minimum) * share


def trial(training: pd.DataFrame, flow: Flow, point: dict[str, Any]) -> float:
    """The metric of one point, cross-validated by entity within the training set; NaN where a fold leaves one label."""
    from sklearn.metrics import roc_auc_score

    parameters = flow.chosen(point).parameters
    folds = pd.util.hash_array(training[flow.entity].astype(str).to_numpy(dtype=object), categorize=False) // 7 % FOLDS
    scores = np.full(len(training), np.nan)
    for fold in set(folds):
        outside = training[folds != fold]
        if outside[flow.label].nunique() < 2:
            return float("nan")
        scores[folds == fold] = fit(outside, flow, parameters).predict(training[folds == fold])
    truth = training[flow.label].to_numpy(bool)
    return float(losses(truth, scores).mean() if flow.tuning.metric == "log_loss" else roc_auc_score(truth, scores))
