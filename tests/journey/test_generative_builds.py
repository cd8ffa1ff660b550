"""The builds of a generative team: judged, delivered, promoted and watched, each as its own identity."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from settings.loading import names_of
from settings.model import Installation
from tests.changes import BERT, DORA, approval, objects, stopped
from tests.program import EXAMPLE, ROOT, blueprint

PROMPT, LOCK = "pipelines/genai/prompts/answer/template.txt", "pipelines/genai/releases/assistant/release.lock"
RUN = ("build", "run", "operational", "--event", "message", "--team", "assistant", "--trigger")


def git(folder: Path, *words: str) -> None:
    person = ("-c", f"user.name={BERT}", "-c", f"user.email={BERT}")
    subprocess.run(["git", *person, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """Bert's folder of the team's repository."""
    folder = tmp_path / "team"
    for room in ("pipelines", "settings"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    for words in (
        ("init", "--initial-branch", "main"),
        ("add", "."),
        ("commit", "-m", "First"),
        ("branch", "deployment"),
    ):
        git(folder, *words)
    git(folder, "switch", "--create", "words")
    return folder


@pytest.mark.proves("GO-deploy-1", "GO-ci-1", defect="a prompt that is not the one that was evaluated, and merging it")
def test_a_release_is_judged_before_it_is_merged_and_goes_to_production_on_a_data_engineers_word(
    deployed: Path, team: Path, tmp_path: Path, installation: Installation
) -> None:
    shutil.copytree(deployed / ".sandbox", tmp_path / ".sandbox")
    text = (team / PROMPT).read_text()

    def proposes(prompt: str) -> subprocess.CompletedProcess[str]:
        (team / PROMPT).write_text(prompt)
        git(team, "commit", "--allow-empty", "--all", "--message", "Words")
        command = (
            "pull",
            "open",
            "team",
            "--team",
            "assistant",
            "--from",
            str(team),
            "--branch",
            "words",
            "--as",
            BERT,
        )
        return blueprint(*command, *EXAMPLE, cwd=tmp_path)

    def asked(word: str, person: str) -> subprocess.CompletedProcess[str]:
        return blueprint("pull", word, "team", "1", "--team", "assistant", "--as", person, *EXAMPLE, cwd=tmp_path)

    assert stopped(proposes(f"{text}Be brief."), "verify", "pinned is")
    assert asked("approve", DORA).returncode == 0
    unjudged = asked("merge", BERT)
    assert (unjudged.returncode, "judge-assistant is failure" in unjudged.stderr) == (4, True), unjudged.stderr
    judged = proposes(text)
    assert (judged.returncode, "gate         SUCCESS" in judged.stdout) == (0, True), judged.stdout
    for word, person in (("approve", DORA), ("merge", BERT)):
        done = asked(word, person)
        assert done.returncode == 0, done.stdout + done.stderr

    assert blueprint(*RUN, "promote", "--as", BERT, *EXAMPLE, cwd=tmp_path).returncode == 5
    assert approval(tmp_path, "operational", BERT).returncode == 4
    promoted = approval(tmp_path, "operational", DORA)
    assert promoted.returncode == 0, promoted.stdout
    bucket = names_of(installation).bucket("production", "assistant", "definitions")
    assert objects(tmp_path, bucket, "releases/") == [(team / LOCK).read_bytes()]
    (record,) = map(json.loads, objects(tmp_path, bucket, "promotions/"))
    assert (record["approver"], record["authors"]) == (DORA, [BERT])
    assert record["lock"] == hashlib.sha256((team / LOCK).read_bytes()).hexdigest()
    watched = blueprint(*RUN, "watch", *EXAMPLE, cwd=tmp_path)
    assert (watched.returncode, "/pipelineJobs/" in watched.stdout) == (0, True), watched.stdout
