"""Scores all prepared rows with the registered version."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from pipelines.artifacts import Fitted, Report
from pipelines.services.batch_prediction import Predictions
from settings.problems import InvalidSettings, Problem


class Made(NamedTuple):
    predictions: pd.DataFrame


def run(
    *, prepared: pd.DataFrame, model: Fitted, model_digest: str, version: Report, run: str, predictor: Predictions
) -> Made:
    """One prediction for each row; fewer or more is an error, and so is one that is no number."""
    if model_digest != version["digest"]:
        raise InvalidSettings([Problem("batch prediction", "the model is not the registered version", "run it again")])
    scored = predictor.score(version["version"], run, prepared, model)
    if len(scored) != len(prepared):
        what = f"{len(scored)} predictions for {len(prepared)} rows"
        raise InvalidSettings([Problem("batch prediction", what, "see the job's errors")])
    if wrong := int((~np.isfinite(scored["score"].astype(float))).sum()):
        what = f"{wrong} of {len(scored)} predictions are not numbers"
        raise InvalidSettings([Problem("batch prediction", what, "find out why the model returns them")])
    return Made(scored)
