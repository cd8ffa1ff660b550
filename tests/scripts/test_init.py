"""A new installation from questions on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from settings.loading import read
from settings.model import GitHub, GitLab
from tests.program import BLUEPRINT

BEGINNING = ["123456789013", "folders/987654321098", "C0abc123d", "corp.example", "01AB23-CD45EF-67AB89", "corp"]
ANSWERS = {
    "github": [*BEGINNING, "", "platform@corp.example", "", "corp-ml", "12345678"],
    "gitlab": [*BEGINNING, "us-central1", "platform@corp.example", "gitlab", "corp-ml", "", "203.0.113.0/24"],
}


def answered(lines: list[str], folder: Path) -> tuple[int, str]:
    """Runs `init` on a terminal where a person types these lines."""
    ours, theirs = pty.openpty()
    os.write(ours, "".join(f"{line}\n" for line in lines).encode())
    command = [BLUEPRINT, "init", "--settings", str(folder / "own")]
    done = subprocess.run(command, cwd=folder, stdin=theirs, capture_output=True, text=True, timeout=300, check=False)
    os.close(theirs)
    os.close(ours)
    return done.returncode, done.stderr


@pytest.mark.parametrize("host", ANSWERS)
def test_questions_lead_to_an_installation_below_a_folder(host: str, tmp_path: Path) -> None:
    code, said = answered(ANSWERS[host], tmp_path)
    assert code == 0, said
    organization = read(tmp_path / "own").organization
    assert organization.parent == "folders/987654321098"
    assert organization.regions == ["europe-west4" if host == "github" else "us-central1"]
    assert isinstance(organization.repositories.provider, GitHub if host == "github" else GitLab)


def test_a_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    code, said = answered(["acme", *ANSWERS["github"]], tmp_path)
    assert code == 0, said
    assert "answers.organization_id: 'acme' has the wrong form" in said
