"""The engine is one constant: CDKTF and its living fork make the same stacks but for the lines that name a version."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.estate import Estate

FORK = ROOT / ".venv/fork-environment/bin/python"


def without_versions(document: dict[str, Any]) -> dict[str, Any]:
    """A stack without the line that names the engine's version."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    del copy["//"]["metadata"]["version"]
    return copy


def test_the_fork_makes_the_same_stacks(estate: Estate, tmp_path: Path) -> None:
    environment = {**os.environ, "BLUEPRINT_ENGINE": "cdktn", "PYTHONPATH": str(ROOT)}
    environment.pop("JSII_NODE", None)
    command = [str(FORK), "-m", "stacks.app", str(ROOT / "settings"), str(tmp_path)]
    done = subprocess.run(command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    fork = Estate.read(tmp_path)
    assert fork.documents.keys() == estate.documents.keys()
    versions = {d["//"]["metadata"]["version"] for d in (*fork.documents.values(), *estate.documents.values())}
    assert versions == {"0.21.0", "0.23.4"}, "the test compared an engine with itself"
    for name, document in estate.documents.items():
        assert without_versions(fork.documents[name]) == without_versions(document), name
