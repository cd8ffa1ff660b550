"""A candidate is compared with the release before it and never with its own evidence, in a shallow checkout too."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from operations.model_places import LABELS
from operations.promotions import unproven
from pipelines.genai.stub import LABEL
from tests.program import ROOT, blueprint

ASSETS = ("--assets", "pipelines/genai", "--settings", "settings")
PROMPT = "pipelines/genai/prompts/answer/prompt.yaml"
RELEASES = "pipelines/genai/releases"


def git(folder: Path, *words: str) -> None:
    person = ("-c", "user.name=bert", "-c", "user.email=bert@example.com")
    subprocess.run(["git", *person, *words], cwd=folder, check=True, capture_output=True)


def said(folder: Path, *words: str) -> tuple[int, str]:
    done = blueprint(*words, *ASSETS, cwd=folder)
    return done.returncode, done.stdout + done.stderr


def edit(folder: Path, file: str, old: str, new: str) -> None:
    assert old in (folder / file).read_text()
    (folder / file).write_text((folder / file).read_text().replace(old, new, 1))


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A team's repository, whose deployment branch holds a release, and a branch with a change to come."""
    folder = tmp_path / "team"
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    for room in ("pipelines/genai", "settings"):
        shutil.copytree(ROOT / room, folder / room, ignore=ignored)
    (folder / ".gitignore").write_text(".sandbox\n")
    git(folder, "init", "--initial-branch", "deployment")
    for words in (("add", "."), ("commit", "-m", "First"), ("switch", "--create", "words")):
        git(folder, *words)
    return folder


def released(team: Path, message: str, *words: str) -> None:
    assert said(team, "prompt", "pin", "assistant")[0] == 0
    code, text = said(team, "release", "build", *words)
    assert code == 0, text
    git(team, "add", ".")
    git(team, "commit", "-m", message)


def checked_out(team: Path, tmp_path: Path, ref: str) -> Path:
    """What a build sees at Google: one commit."""
    folder = tmp_path / f"build-{ref}"
    git(tmp_path, "clone", "--depth=1", f"--branch={ref}", f"file://{team}", str(folder))
    return folder


@pytest.mark.proves("GO-ci-1", defect="a worse release that brings its own evidence to be compared with")
def test_a_worse_release_does_not_pass_by_its_own_evidence(team: Path, tmp_path: Path) -> None:
    edit(team, PROMPT, "temperature: 0.0", "temperature: 0.5")
    assert said(team, "prompt", "pin", "assistant")[0] == 0
    code, text = said(team, "release", "build", "--first")
    assert (code, "'assistant' has a release already" in text) == (2, True), text
    shutil.rmtree(team / RELEASES)
    released(team, "Worse", "--first")
    build = checked_out(team, tmp_path, "words")
    assert said(build, "release", "verify")[0] == 0
    code, text = said(build, "eval", "gate")
    assert (code, "only its limits decide" in text) == (0, True), text
    code, text = said(build, "eval", "gate", "--since", "origin/deployment")
    assert (code, "judged: improvement above -0.05 is neither shown" in text) == (3, True), text
    git(team, "switch", "deployment")
    git(team, "merge", "--no-ff", "words", "-m", "Merged")
    merged = said(checked_out(team, tmp_path, "deployment"), "eval", "gate", "--since", "HEAD")
    assert merged == (code, text)


def test_a_release_of_another_evaluation_is_evaluated_again(team: Path, tmp_path: Path) -> None:
    evaluation = "pipelines/genai/evaluations/assistant/evaluation.yaml"
    edit(team, evaluation, "rouge_l, bleu,", "rouge_l,")
    edit(team, PROMPT, "temperature: 0.0", "temperature: 1.5")
    assert said(team, "prompt", "pin", "assistant")[0] == 0
    code, text = said(team, "release", "build")
    assert (code, "metrics, judge or golden set differ" in text) == (2, True), text
    code, text = said(team, "release", "build", "--since", "deployment")
    assert (code, "the gate says FAIL" in text) == (4, True), text
    edit(team, PROMPT, "temperature: 1.5", "temperature: 0.0")
    released(team, "Other metrics", "--since", "deployment")
    code, text = said(checked_out(team, tmp_path, "words"), "eval", "gate", "--since", "origin/deployment")
    assert code == 0, text


@pytest.mark.parametrize("label", [LABEL, *LABELS.values()])
def test_google_takes_only_what_googles_models_were_evaluated_for(label: str) -> None:
    lock = json.dumps({"evaluation": {"label": label}}).encode()
    assert list(unproven(lock, "sandbox")) == []
    assert [problem.text for problem in unproven(lock, "google")] == ([] if label == "Vertex AI" else [f"is '{label}'"])


@pytest.mark.parametrize(("since", "told"), [("origin/nowhere", "is no commit"), ("HEAD", "is in no repository")])
def test_a_commit_that_is_not_there_is_named(team: Path, since: str, told: str) -> None:
    if since == "HEAD":
        shutil.rmtree(team / ".git")
    code, text = said(team, "eval", "gate", "--since", since)
    assert (code, told in text, "Traceback" in text) == (2, True, False), text
