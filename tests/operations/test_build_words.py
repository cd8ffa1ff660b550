"""What is misspelt or not there when people speak of builds: a sentence with a way out and the right exit code."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cloudbuild.pipelines import read
from tests.program import BLUEPRINT, EXAMPLE, blueprint

WRONG = {
    "build run infrastrcture --event push": "did you mean 'infrastructure'?",
    "build run interactive --event push": "is not on the sandbox's Git host; bring it there with 'blueprint pull open'",
    "build run operational --event message --team chrn": "'chrn' is none; name one with --team",
    "build run operational --event message --team churn --repository . --set x": "x: is no attribute",
    "artifact verify nonsense": "is no image by digest; write it as HOST/NAME@sha256:DIGEST",
    "plan --after prod": "no wave 'prod'; did you mean 'production'?",
    "deploy --auto-approve --wave prodcution": "no wave 'prodcution'; did you mean 'production'?",
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_misspelt_ends_with_2(words: str, tmp_path: Path) -> None:
    for git in (("init", "--quiet"), ("commit", "--quiet", "--allow-empty", "--message", "First")):
        person = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", *person, *git], cwd=tmp_path, check=True)
    done = blueprint(*words.split(), *EXAMPLE, cwd=tmp_path)
    assert (done.returncode, WRONG[words] in done.stderr) == (2, True), done.stderr


def test_duties_are_asked_by_who_is_logged_in(tmp_path: Path) -> None:
    nobody = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_GCE_CHECK": "true"}
    command = [BLUEPRINT, "build", "duties", "infrastructure", "--build", "1", "--commit", "abc", *EXAMPLE]
    done = subprocess.run(command, cwd=tmp_path, env=nobody, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "Cloud Build: nobody is logged in to Google; log in: gcloud auth application-default login\n",
    )


def test_the_list_of_builds_names_every_trigger_and_what_waits(tmp_path: Path) -> None:
    done = blueprint("build", "list", cwd=tmp_path)
    told = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith("  ")}
    known = {word: it for pipeline in read().values() for word, it in pipeline.triggers.items()}
    assert (done.returncode, told.keys()) == (0, known.keys())
    assert {word for word, line in told.items() if "waits for approval" in line} == {
        w for w in known if known[w].approval
    }
