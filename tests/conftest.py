"""What is made once per test run: the synthesized example estate."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from settings.loading import read
from settings.model import Installation
from tests.estate import Estate

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def installation() -> Installation:
    """The example installation of this repository."""
    return read(ROOT / "settings")


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """The example estate, synthesized once in a process of its own."""
    out = tmp_path_factory.mktemp("estate")
    subprocess.run([sys.executable, "-m", "stacks.app", str(ROOT / "settings"), str(out)], check=True, cwd=ROOT)
    return Estate.read(out)
