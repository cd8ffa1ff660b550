"""Reads the team's rows from the project that holds the source into the team's own project."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services.warehouse import Warehouse, own
from settings.problems import InvalidSettings, Problem


class Made(NamedTuple):
    source: pd.DataFrame


def run(*, flow: Flow, place: Place, warehouse: Warehouse, sql: str, run: str) -> Made:
    """The rows up to the cut-off. An empty source, or one without a column that was promised, ends the run here."""
    text = sql.format(project=place.source_project, dataset=place.source_dataset)
    destination = own(f"{place.project}.{place.dataset}", "source", run)
    frame = warehouse.rows(text, {"until": flow.parameters.until}, destination)
    if frame.empty:
        what = f"no row of {', '.join(flow.tables)} is before {flow.parameters.until}"
        raise InvalidSettings([Problem(f"source {flow.source}", what, "wait for data, or choose a later cut-off")])
    return Made(frame)
