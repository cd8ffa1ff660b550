"""Which folder describes the installation where no option says it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from scripts.options import SETTINGS
from tests.program import BLUEPRINT


def told(home: Path, safe_path: str) -> str:
    """What the program misses in the settings that it takes; no folder holds a file."""
    around = os.environ | {SETTINGS: str(home / "named"), "PYTHONSAFEPATH": safe_path}
    done = subprocess.run([BLUEPRINT, "synth"], cwd=home, env=around, text=True, capture_output=True, check=False)
    assert done.returncode == 2, done.stderr
    return done.stderr


@pytest.mark.parametrize(("safe_path", "folder"), [("", "settings"), ("1", "named")])
def test_a_folder_whose_code_is_not_run_does_not_say_what_the_platform_is(
    tmp_path: Path, safe_path: str, folder: str
) -> None:
    (tmp_path / "named").mkdir()
    assert "named/organization.yaml: is missing" in told(tmp_path, safe_path)
    (tmp_path / "settings").mkdir()
    assert f"{folder}/organization.yaml: is missing" in told(tmp_path, safe_path)
