"""The stand-in for the builder image."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from operations.builds.runner import builder


def test_steps_that_begin_at_once_get_one_builder_that_works(tmp_path: Path) -> None:
    (tmp_path / ".sandbox").mkdir()
    with ThreadPoolExecutor(4) as steps:
        (folder,) = set(steps.map(builder, [tmp_path] * 4))
    assert [one.name for one in (tmp_path / ".sandbox").iterdir()] == ["builder"]
    told = subprocess.run([folder / "blueprint", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert told.stdout
