"""How far a feature has moved from a recorded summary, measured as Vertex AI Model Monitoring does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipelines.artifacts import Report

BINS = 5
"""Few, because small samples differ in many bins by chance alone."""


def summary(values: pd.Series) -> Report:
    """What is remembered of a feature: the shares of its texts, or of the parts between its quantiles."""
    if values.dtype.kind in "iufb":
        edges = np.unique(np.nanquantile(values.to_numpy(float), np.linspace(0, 1, BINS + 1)[1:-1]))
        return {"edges": edges.tolist(), "shares": _shares(values, edges).tolist()}
    shares = values.astype(str).value_counts(normalize=True).sort_index()
    return {"texts": {str(key): float(share) for key, share in shares.items()}}


def comparable(before: Report | None, values: pd.Series) -> bool:
    """Whether a feature is what it was: there, and a number or a text as it was then."""
    return before is not None and before.keys() == summary(values).keys()


def shift(before: Report, values: pd.Series) -> float:
    """The largest difference of a text's shares, or the Jensen-Shannon divergence of numbers in bits.

    Both are 0 for the same distribution and 1 for two that have nothing in common. Texts never seen count as one more.
    """
    if "texts" in before:
        known = before["texts"]
        now = values.astype(str).value_counts(normalize=True)
        unseen = float(now[~now.index.isin(known)].sum())
        return max([unseen, *(abs(float(now.get(text, 0.0)) - float(share)) for text, share in known.items())])
    return _divergence(np.array(before["shares"]), _shares(values, np.array(before["edges"])))


def _shares(values: pd.Series, edges: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Shares between the edges; values that are missing are a part of their own."""
    numbers = values.to_numpy(float)
    present = numbers[~np.isnan(numbers)]
    counts = np.bincount(np.searchsorted(edges, present, side="left"), minlength=len(edges) + 1)
    return np.append(counts, len(numbers) - len(present)) / max(1, len(numbers))


def _divergence(old: np.ndarray[Any, Any], new: np.ndarray[Any, Any]) -> float:
    middle = (old + new) / 2
    return float(sum((one[one > 0] * np.log2(one[one > 0] / middle[one > 0])).sum() for one in (old, new)) / 2)
