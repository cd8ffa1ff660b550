"""What a change is compared with is named where it cannot be: no such commit, or one that leads elsewhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from operations.changed import since
from operations.graph import Graph
from operations.outcome import Exit, OperationFailed
from tests.program import ROOT


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").symlink_to("/etc")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize(
    ("commit", "told"), [("HEAD", "holds 'elsewhere', which leads out"), ("origin/main", "is no commit of")]
)
def test_a_commit_that_cannot_be_compared_with_is_named(repository: Path, commit: str, told: str) -> None:
    with pytest.raises(OperationFailed, match=told) as refused:
        since(Graph({}), ROOT / "settings", repository, commit)
    assert refused.value.code == Exit.BAD_INPUT
