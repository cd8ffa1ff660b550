"""Reads the training set's features back from the Feature Store: what is trained on is what will be served."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from pipelines.artifacts import Report
from pipelines.flow import Flow
from pipelines.services.features import ENTITY, TIME, FeatureStore
from settings.problems import InvalidSettings, Problem


class Made(NamedTuple):
    featured: pd.DataFrame


def run(*, training: pd.DataFrame, written: Report, flow: Flow, store: FeatureStore) -> Made:
    """The training rows with the features of their entity at their time. A row without features is an error."""
    found = store.read(sorted(set(training[flow.entity].astype(str))))
    keys = training[[flow.entity, flow.time, flow.label]].astype({flow.entity: "string"})
    rows = found.rename(columns={ENTITY: flow.entity, TIME: flow.time})[[flow.entity, flow.time, *flow.inputs]]
    joined = keys.merge(rows.astype({flow.entity: "string"}), on=[flow.entity, flow.time], how="left", indicator=True)
    if lost := int((joined["_merge"] != "both").sum()):
        what = f"{lost} of {len(training)} training rows have no features in {written['table']}"
        raise InvalidSettings([Problem("feature store", what, "write the features again")])
    others = [name for name in training if name not in joined]
    joined = joined.drop(columns="_merge").assign(**{name: training[name].to_numpy() for name in others})
    return Made(joined[list(training)].astype(training.dtypes.to_dict()))
