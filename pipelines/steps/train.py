"""Fits a model on the training set and on nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipelines.artifacts import Fitted, Report, digest_of
from pipelines.flow import Flow, Parameters


class Made(NamedTuple):
    model: Fitted
    trained: Report


def run(*, training: pd.DataFrame, best: Report, flow: Flow) -> Made:
    """The model of the parameters that tuning found best; the same rows and seed give the same bytes."""
    parameters = flow.chosen(best["parameters"]).parameters
    model = fit(training, flow, parameters)
    facts = {"rows": len(training), "digest": digest_of(training), "parameters": parameters.model_dump()}
    return Made(model, facts)


def fit(training: pd.DataFrame, flow: Flow, parameters: Parameters) -> Fitted:
    """A fitted model."""
    from threadpoolctl import threadpool_limits

    texts = {name: flow.contract[name] for name in flow.inputs if flow.contract[name].type == "text"}
    known = {name: column.values or sorted(training[name].dropna().unique()) for name, column in texts.items()}
    model = Fitted(flow.inputs, known, _estimator(parameters))
    # Danger: with several threads sums come in another order, and the bytes of a model with them.
    with threadpool_limits(1):
        model.estimator.fit(model.matrix(training), training[flow.label].to_numpy(bool))
    return model


def _estimator(parameters: Parameters) -> Any:
    if parameters.technique == "boosting":
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(
            l2_regularization=1 / parameters.strength, max_iter=parameters.iterations, random_state=parameters.seed
        )
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    regression = LogisticRegression(
        C=parameters.strength, max_iter=10 * parameters.iterations, random_state=parameters.seed
    )
    return make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler(), regression)


def losses(truth: np.ndarray[Any, Any], scores: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The log loss of each row. A score that is not a number stays one: nobody hides it in an average."""
    clipped = np.clip(scores, 1e-6, 1 - 1e-6)
    found: np.ndarray[Any, Any] = -np.log(np.where(truth, clipped, 1 - clipped))
    return found
