"""The example's assets, and a copy to break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from operations.generative import opened
from pipelines.genai.assets import Assets
from tests.program import ROOT

FOLDER = ROOT / "pipelines/genai"


@pytest.fixture(scope="session")
def example() -> Assets:
    """The assets of this repository; not to be changed."""
    return opened(FOLDER, ROOT / "settings")[0]


@pytest.fixture
def copy(example: Assets, tmp_path: Path) -> Assets:
    """Assets of one's own."""
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    return Assets(Path(shutil.copytree(FOLDER, tmp_path / "genai", ignore=ignored)), example.sources)
