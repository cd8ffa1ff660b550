"""Places of tests of the operational pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.flow import Flow, read_flow
from pipelines.place import Place
from settings.model import Installation
from tests.pipelines.rows import place_at


@pytest.fixture
def place(installation: Installation, tmp_path: Path) -> Place:
    """The churn team in nonproduction, with nothing in it yet."""
    return place_at(installation, tmp_path)


@pytest.fixture(scope="session")
def flow() -> Flow:
    return read_flow("churn")
