"""Turns rows of the source into features; the same code in notebooks, pipelines and serving."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from pipelines.flow import Flow
from settings.problems import InvalidSettings, Problem

TYPES = {"text": "string", "integer": "int64", "number": "float64", "truth": "bool", "date": "datetime64[ns]"}


class Made(NamedTuple):
    prepared: pd.DataFrame


def run(*, source: pd.DataFrame, flow: Flow) -> Made:
    """Columns as the contract has them, and what is derived from them. A column that is not there is named."""
    lost = [name for name in flow.columns if name not in source]
    if lost:
        raise InvalidSettings(
            [Problem(f"source {flow.source}.{name}", "is missing", "ask the owner what changed") for name in lost]
        )
    prepared = pd.DataFrame({name: _as(source[name], column.type) for name, column in flow.columns.items()})
    return Made(derived(prepared, flow))


def derived(frame: pd.DataFrame, flow: Flow) -> pd.DataFrame:
    """The frame with its derived features, each by its formula over the features."""
    features = frame[flow.features].copy()
    for name in flow.features:
        if flow.columns[name].type in ("integer", "number"):
            # What is no number here is told by validation, which knows the contract.
            features[name] = pd.to_numeric(features[name], errors="coerce")
    made = {name: features.eval(column.formula, engine="python") for name, column in flow.derived.items()}
    return frame.assign(**made)


def _as(values: pd.Series, type_: str) -> pd.Series:
    """Values of the wanted type where every one allows it; otherwise as they are, for validation to tell."""
    if pd.api.types.is_bool_dtype(values) != (type_ == "truth") and type_ != "text":
        return values  # Danger: a truth that is missing, or any word, would become True
    try:
        if type_ == "integer" and (values.dtype.kind not in "iu" or values.isna().any()):
            numbers = values.astype("float64")
            return numbers.astype("int64") if (numbers % 1 == 0).all() else numbers
        return values.astype(TYPES[type_])
    except (ValueError, TypeError):
        return values
