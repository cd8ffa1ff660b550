"""Scores the candidate on the holdout, which it has not seen, beside the champion; never beside itself."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipelines.artifacts import Fitted, Report, digest_of, same
from pipelines.flow import Flow
from pipelines.services.registry import Registry
from pipelines.steps.train import losses
from settings.problems import InvalidSettings, Problem

PRIOR = "share of the label in training"
"""What a first model is compared with: no model at all."""


class Made(NamedTuple):
    evaluation: Report
    scores: pd.DataFrame


def run(
    *, model: Fitted, model_digest: str, training: pd.DataFrame, holdout: pd.DataFrame, flow: Flow, registry: Registry
) -> Made:
    """Metrics, slices and calibration of both, and a table with one row for each row of the holdout."""
    if holdout.empty:
        raise InvalidSettings([Problem("evaluation", "the holdout has no rows", "look at the split")])
    champion = registry.champion()
    if champion:
        _sees(champion.model(), holdout, f"champion {champion.version}")
    truth = holdout[flow.label].to_numpy(bool)
    candidate = model.predict(holdout)
    if champion:
        reference, name = champion.model().predict(holdout), champion.version
    else:
        reference, name = np.full(len(holdout), training[flow.label].mean()), PRIOR
    scores = pd.DataFrame({"truth": truth, "candidate": candidate, "reference": reference})
    scores["log_loss"], scores["reference_log_loss"] = losses(truth, candidate), losses(truth, reference)
    parts = {f"{column}={text}": same(holdout[column], text) for column, texts in flow.slices.items() for text in texts}
    report: dict[str, Any] = {
        "metrics": metrics(truth, candidate),
        "reference": {"name": name, "metrics": metrics(truth, reference)},
        "same_as_champion": bool(champion and champion.digest == model_digest),
        "slices": {key: _slice(scores[inside]) for key, inside in parts.items()},
        "validation_set": {"rows": len(holdout), "digest": digest_of(holdout)},
        "model": model_digest,
    }
    return Made(report, scores.assign(**parts))


def _sees(champion: Fitted, holdout: pd.DataFrame, place: str) -> None:
    if lost := [name for name in champion.inputs if name not in holdout]:
        way_out = "keep it among the columns until another version is champion"
        raise InvalidSettings([Problem(place, f"sees '{name}', which the flow has no more", way_out) for name in lost])


def metrics(truth: np.ndarray[Any, Any], scores: np.ndarray[Any, Any]) -> dict[str, float]:
    """AUC, log loss, Brier score and calibration error. A score that is not a number is an error, never a metric."""
    from sklearn.metrics import roc_auc_score

    if wrong := int((~np.isfinite(scores)).sum()):
        what = f"{wrong} of {len(scores)} scores are not numbers"
        raise InvalidSettings([Problem("evaluation", what, "find out why the model returns them")])
    return {
        "auc": float(roc_auc_score(truth, scores)),
        "log_loss": float(losses(truth, scores).mean()),
        "brier": float(((scores - truth) ** 2).mean()),
        "calibration_error": calibration_error(truth, scores),
    }


def calibration_error(truth: np.ndarray[Any, Any], scores: np.ndarray[Any, Any], parts: int = 5) -> float:
    """How far predicted and seen shares are apart, over equal parts of the rows ordered by score."""
    order = np.array_split(np.argsort(scores, kind="stable"), parts)
    gaps = [len(rows) * abs(scores[rows].mean() - truth[rows].mean()) for rows in order if len(rows)]
    return float(sum(gaps) / len(truth))


def _slice(scores: pd.DataFrame) -> dict[str, float | int | None]:
    loss = float(scores["log_loss"].mean()) if len(scores) else None
    return {"rows": len(scores), "log_loss": loss, "share": float(scores["truth"].mean()) if len(scores) else None}
