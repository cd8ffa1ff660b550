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
    """The frame with its derived features. A new one is one more line here."""
    if "calls_per_year" in flow.derived:
        # What is no number here is told by validation, which knows the contract.
        months, calls = (pd.to_numeric(frame[name], errors="coerce") for name in ("tenure_months", "support_calls"))
        return frame.assign(calls_per_year=calls / (months.clip(lower=1) / 12))
    return frame


def _as(values: pd.Series, type_: str) -> pd.Series:
    """Values of the wanted type where every one allows it; otherwise as they are, for validation to tell."""
    if type_ in ("integer", "number") and pd.api.types.is_bool_dtype(values):
        return values
    try:
        if type_ == "integer" and values.isna().any():
            return values.astype("float64")
        return values.astype(TYPES[type_])
    except (ValueError, TypeError):
        return values
