"""Rows and places for tests of the operational pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from operations.pipeline_places import place_of
from pipelines.execute import Run
from pipelines.inprocess import run_here
from pipelines.place import Place, Table
from settings.model import Installation
from tests.conftest import ROOT

CONTRACTS = ROOT / "settings/sources/examples/contracts.csv"
EUROPE = "country IN ('DE', 'FR', 'NL', 'ES', 'IT')"


def place_at(installation: Installation, folder: Path, environment: str = "nonproduction", **changes: Any) -> Place:
    """The churn team's place with its stand-ins in a folder."""
    place = place_of(installation, "churn", environment, image=None, folder=folder / "laptop")
    return place.model_copy(update=changes)


def with_source(place: Place, frame: pd.DataFrame, folder: Path) -> Place:
    """The same place, whose source holds other rows."""
    path = folder / f"rows-{len(list(folder.glob('rows-*')))}.csv"
    frame.to_csv(path, index=False)
    assert place.laptop
    tables = {"contracts": Table(path=str(path), filter=EUROPE)}
    laptop = place.laptop.model_copy(update={"tables": tables})
    return place.model_copy(update={"laptop": laptop})


def contracts() -> pd.DataFrame:
    """The example rows."""
    return pd.read_csv(CONTRACTS)


def done(place: Place, name: str = "one", **chosen: Any) -> tuple[Run, list[str], str]:
    """A run in this process: itself, the steps that ran, and the verdict."""
    run, steps = Run(name, place, chosen), []
    return run, steps, run_here(run, steps.append).name
