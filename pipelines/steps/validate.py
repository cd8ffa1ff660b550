"""Holds prepared data to its contract and to what the champion was trained on; stops the run before training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipelines.artifacts import Report, digest_of
from pipelines.distance import comparable, shift, summary
from pipelines.flow import Column, Flow
from pipelines.services.registry import Registry
from settings.problems import InvalidSettings, Problem

KINDS = {"text": "OSU", "integer": "iu", "number": "fiu", "truth": "b", "date": "M"}


class Made(NamedTuple):
    validation: Report


def run(*, prepared: pd.DataFrame, flow: Flow, registry: Registry) -> Made:
    """Rows, types, limits, missing values, duplicates, leakage and shifts. InvalidSettings tells all at once."""
    champion = registry.champion()
    before = champion.card["statistics"] if champion else {}
    problems = [*_shape(prepared, flow), *_values(prepared, flow)]
    problems = problems or [*_leaks(prepared, flow), *_shifts(prepared, flow, before)]
    if problems:
        raise InvalidSettings(Problem(f"data of {flow.source}", text, way_out) for text, way_out in problems)
    statistics = {name: summary(prepared[name]) for name in flow.inputs}
    report: dict[str, Any] = {"rows": len(prepared), "digest": digest_of(prepared), "statistics": statistics}
    report["missing"] = {name: float(prepared[name].isna().mean()) for name in flow.contract}
    report["compared_with"] = champion.version if champion else None
    return Made(report)


def _shape(frame: pd.DataFrame, flow: Flow) -> Iterator[tuple[str, str]]:
    rules = flow.validation
    if len(frame) < rules.minimum_rows:
        yield f"{len(frame)} rows, at least {rules.minimum_rows} are wanted", "find out whether the source is truncated"
    twice = float(frame.duplicated([flow.entity, flow.time]).mean()) if len(frame) else 0.0
    if twice > rules.maximum_duplicates:
        yield f"{twice:.1%} of the rows stand twice ({flow.entity}, {flow.time})", "ask the owner for each row once"


def _values(frame: pd.DataFrame, flow: Flow) -> Iterator[tuple[str, str]]:
    for name, column in flow.contract.items():
        values = frame[name]
        missing = float(values.isna().mean()) if len(values) else 0.0
        allowed = 0.0 if name in (flow.entity, flow.time, flow.label) else flow.validation.maximum_missing
        if missing > allowed:
            yield f"'{name}' is missing in {missing:.1%} of the rows, {allowed:.1%} is allowed", "mend the source"
        present = values.dropna()
        if values.dtype.kind not in KINDS[column.type] and not (column.type == "integer" and _whole(present)):
            yield f"'{name}' is {values.dtype}, not {column.type}", "ask the owner what changed, or change the contract"
        else:
            yield from _limits(name, column, present)


def _whole(values: pd.Series) -> bool:
    return values.dtype.kind == "f" and bool((values % 1 == 0).all())


def _limits(name: str, column: Column, values: pd.Series) -> Iterator[tuple[str, str]]:
    if values.dtype.kind == "f" and (endless := int(np.isinf(values).sum())):
        yield f"'{name}' is infinite in {endless} rows", "mend them"
    if column.minimum is not None and (below := int((values < column.minimum).sum())):
        yield f"'{name}' is below {column.minimum:g} {column.unit or ''}".rstrip() + f" in {below} rows", "mend them"
    if column.maximum is not None and (above := int((values > column.maximum).sum())):
        yield f"'{name}' is above {column.maximum:g} {column.unit or ''}".rstrip() + f" in {above} rows", "mend them"
    new = sorted(set(values) - set(column.values)) if column.values else []
    if new:
        yield (
            f"'{name}' has values that the contract does not know: {new[:5]}",
            "add them to the contract, or mend them",
        )


def _leaks(frame: pd.DataFrame, flow: Flow) -> Iterator[tuple[str, str]]:
    truth = frame[flow.label].to_numpy(bool)
    if truth.all() or not truth.any():
        yield f"'{flow.label}' has one value only", "ask for rows of both kinds"
        return
    for name in flow.inputs:
        told = alone(frame[name], truth)
        if told > flow.validation.leakage:
            yield f"'{name}' alone tells '{flow.label}' (AUC {told:.3f})", "remove it: it knows the future"


def alone(values: pd.Series, truth: np.ndarray[Any, Any]) -> float:
    """How well one feature by itself ranks the label, as an AUC that is at least a half."""
    numbers = values if values.dtype.kind in "iufb" else values.map(pd.Series(truth).groupby(values.to_numpy()).mean())
    ranks = numbers.astype(float).rank(na_option="top").to_numpy()
    positive, negative = int(truth.sum()), int((~truth).sum())
    auc = (ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative)
    return float(max(auc, 1 - auc))


def _shifts(frame: pd.DataFrame, flow: Flow, before: Report) -> Iterator[tuple[str, str]]:
    for name in flow.inputs:
        alike = comparable(before.get(name), frame[name])
        if alike and (moved := shift(before[name], frame[name])) > flow.validation.maximum_shift:
            limit = flow.validation.maximum_shift
            yield f"'{name}' has moved by {moved:.2f} since the champion, {limit:g} is allowed", "find out why"
