"""Templates that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

from catalog_templates.template import FOLDER, Template, read
from tests.program import ROOT

SCHEMA = ROOT / ".sandbox/schema"


def spoiled(tmp_path: Path, key: str, file: str, old: str, new: str) -> Template:
    """A copy of a template in which one place is changed."""
    folder = tmp_path / key
    shutil.copytree(FOLDER / key, folder)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    return read(folder)
