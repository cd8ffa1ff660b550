"""Divides prepared rows into a training set and a holdout that share no row; nor an entity, where its hash divides."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipelines.artifacts import Report, digest_of
from pipelines.flow import Flow
from settings.problems import InvalidSettings, Problem


class Made(NamedTuple):
    training: pd.DataFrame
    holdout: pd.DataFrame
    sets: Report


def run(*, prepared: pd.DataFrame, validation: Report, flow: Flow) -> Made:
    """By a hash, which keeps a row on its side whatever comes later, or by time. Versions of both are recorded."""
    if digest_of(prepared) != validation["digest"]:
        raise InvalidSettings([Problem("split", "the data is not the data that was validated", "run validate again")])
    rows = prepared.drop_duplicates([flow.entity, flow.time])
    out = held_out(rows, flow)
    training, holdout = rows[~out].reset_index(drop=True), rows[out].reset_index(drop=True)
    sides = {"training": training, "holdout": holdout}
    if empty := [name for name, frame in sides.items() if frame[flow.label].nunique() < 2]:
        raise InvalidSettings(
            [Problem("split", f"{empty[0]} has one value of '{flow.label}' only", "ask for more rows")]
        )
    sets = {name: {"rows": len(frame), "digest": digest_of(frame)} for name, frame in sides.items()}
    return Made(
        training, holdout, sets | {"by": flow.split.by, "column": flow.split.column, "data": validation["digest"]}
    )


def held_out(rows: pd.DataFrame, flow: Flow) -> np.ndarray[Any, Any]:
    """True for each row of the holdout. A hash depends on nothing but the value itself."""
    values = rows[flow.split.column]
    if flow.split.by == "hash":
        hashes = pd.util.hash_array(values.astype(str).to_numpy(dtype=object), categorize=False)
        hashed: np.ndarray[Any, Any] = hashes / 2.0**64 < flow.split.holdout
        return hashed
    cut = values.sort_values(ignore_index=True).iloc[int(len(values) * (1 - flow.split.holdout))]
    later: np.ndarray[Any, Any] = (values >= cut).to_numpy()
    return later
