"""Writes prepared features to the team's Feature Store."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from pipelines.artifacts import Report, digest_of
from pipelines.flow import Flow
from pipelines.services.features import ENTITY, TIME, FeatureStore


class Made(NamedTuple):
    written: Report


def run(*, prepared: pd.DataFrame, validation: Report, flow: Flow, store: FeatureStore) -> Made:
    """Features by entity and time, without the label. Writing the same rows again changes nothing.

    Of rows that stand twice the first is written: it is the one that is trained on. An entity is a text there, whatever
    it is in the source: the online store knows no other keys.
    """
    del validation  # without which nothing is written
    once = prepared.drop_duplicates([flow.entity, flow.time])
    rows = once[[flow.entity, flow.time, *flow.inputs]].rename(columns={flow.entity: ENTITY, flow.time: TIME})
    rows = rows.astype({ENTITY: "string"})
    return Made({"table": store.write(rows), "rows": len(rows), "digest": digest_of(rows)})
