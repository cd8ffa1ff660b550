"""A team that comes changes no stack of another team, not even the order of a list in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.estate import Estate


@pytest.mark.parametrize(("name", "like"), [("aaa", "churn"), ("zzz", "assistant")])
def test_a_new_team_leaves_the_stacks_of_others_as_they_are(
    name: str, like: str, estate: Estate, tmp_path: Path
) -> None:
    settings = tmp_path / "settings"
    shutil.copytree(ROOT / "settings", settings, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (settings / f"teams/{name}.yaml").write_text((settings / f"teams/{like}.yaml").read_text().replace(like, name))
    subprocess.run([sys.executable, "-m", "stacks.app", str(settings), str(tmp_path / "out")], check=True, cwd=ROOT)
    larger = Estate.read(tmp_path / "out")
    assert f"interactive-{name}" in larger.documents
    teams = [stack for stack in estate.documents if stack.endswith(("-churn", "-assistant"))]
    assert len(teams) == 6
    assert [stack for stack in teams if larger.documents[stack] != estate.documents[stack]] == []
