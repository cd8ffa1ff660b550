"""Promotion and its way back, as a person does it: by commands."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from operations.outcome import OperationFailed
from operations.pipeline_promotion import approver
from settings.loading import read
from tests.conftest import ROOT
from tests.program import EXAMPLE, blueprint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose sandbox has three runs: one that passed, one of the champion again, one with other parameters."""
    folder = tmp_path_factory.mktemp("runs")
    codes = [run(folder, name, chosen).returncode for name, chosen in RUNS.items()]
    assert codes[:2] == [0, 3]
    return folder


RUNS = {"first": "{}", "same": "{}", "other": "{technique: boosting, iterations: 20}"}


def run(folder: Path, name: str, chosen: str) -> Any:
    words = ("--run", name, "--orchestrator", "inprocess", "--parameters", chosen, "--as", "ada@example.com")
    return blueprint("pipeline", "run", "--team", "churn", *words, *EXAMPLE, cwd=folder)


def ask(folder: Path, *words: str) -> Any:
    return blueprint("pipeline", *words, "--team", "churn", *EXAMPLE, cwd=folder)


@pytest.mark.proves("I7b", defect="a tie, and a metric that no run has")
def test_runs_are_listed_with_their_verdicts_and_compared_by_a_metric(folder: Path) -> None:
    known = listed(folder)
    assert known["first"]["verdict"] == "PASS"
    assert known["same"]["verdict"] == "INCONCLUSIVE"
    assert known["other"]["parameters"]["technique"] == "boosting"
    compared = ask(folder, "compare", "first", "same", "other")
    assert len(re.findall(r"log_loss [\d.]+", compared.stdout)) == 3
    tied = ask(folder, "compare", "first", "same").stderr
    assert "first, same: share the best 'log_loss'; nothing says which is better" in tied
    missing = ask(folder, "compare", "--metric", "f1")
    assert (missing.returncode, "no run has the metric 'f1'" in missing.stderr) == (2, True)


@pytest.mark.proves("D9", defect="parameters that do not exist")
def test_what_cannot_be_run_is_told_before_anything_runs(folder: Path) -> None:
    for chosen, told in (
        ("{sed: 1}", "unknown parameter 'sed'; did you mean 'seed'?"),
        ("{seed: many}", "seed: 'many' is not a whole number"),
        ("[1]", "is not a mapping"),
    ):
        done = run(folder, "never", chosen)
        assert done.returncode == 2
        assert told in done.stderr, done.stderr
    assert blueprint("pipeline", "run", "--team", "chrn", *EXAMPLE, cwd=folder).returncode == 2
    other = run(folder, "first", "{seed: 9}")
    assert (other.returncode, "exists already with other parameters" in other.stderr) == (2, True)


DORA, LAPTOP = ("--as", "dora@example.com"), ("--target", "laptop")
WHY = ("--why", "Trained before prices changed.")


@pytest.mark.proves("D5", defect="a run that did not pass, other bytes, and somebody who does not approve")
def test_the_same_bytes_go_to_production_on_somebodys_word_and_nothing_else_does(folder: Path) -> None:
    refused = ask(folder, "promote", "same", *DORA)
    assert (refused.returncode, "did not pass" in refused.stderr) == (4, True)
    assert ask(folder, "promote", "nowhere", *DORA).returncode == 2
    for person in ("ada@example.com", "otto@example.com", "eve@example.com"):
        stranger = ask(folder, "promote", "first", "--as", person)
        assert (stranger.returncode, "does not approve models" in stranger.stderr) == (4, True)
    installation, own = read(ROOT / "settings"), {"by": "dora@example.com"}
    for mine in (own, {"by": "ada@example.com", "also_by": ["Dora@example.com"]}):
        with pytest.raises(OperationFailed, match="has started this run"):
            approver(installation, "dora@example.com", mine)
    buckets = folder / ".sandbox/pipelines/buckets"
    (model,) = buckets.glob("*npr*/models/churn/1/model.pickle")
    kept = model.read_bytes()
    model.write_bytes(kept + b"x")
    changed = ask(folder, "promote", "first", *DORA)
    assert (changed.returncode, "not those that passed" in changed.stderr) == (4, True)
    model.write_bytes(kept)
    done = ask(folder, "promote", "first", *DORA)
    assert done.returncode == 0, done.stderr
    (promoted,) = buckets.glob("*prd*/models/churn/1/model.pickle")
    assert promoted.read_bytes() == kept
    (kept_,) = buckets.glob("*prd*/runs/*-promotion/promote/promotion.json")
    approval = json.loads(kept_.read_text())
    assert (approval["approved_by"], approval["decision"]["verdict"]) == ("dora@example.com", "PASS")
    assert (approval["traffic"], approval["metrics"]) == ({"1": 100}, listed(folder)["first"]["metrics"])
    again = ask(folder, "promote", "first", *DORA)
    assert (again.returncode, "is this model already" in again.stderr) == (4, True)


def listed(folder: Path) -> dict[str, Any]:
    return {one["run"]: one for one in json.loads(ask(folder, "runs", "--json").stdout)}


def test_there_is_nothing_to_go_back_to_and_nothing_on_trial_after_a_first_promotion(folder: Path) -> None:
    ask(folder, "promote", "first", *DORA)
    assert "no version before this one" in ask(folder, "rollback", *LAPTOP).stderr
    canary = ask(folder, "canary", *LAPTOP, "--canary", "500", "0", "--champion", "900", "9", "--minutes", "90")
    assert (canary.returncode, "no version is on trial" in canary.stderr) == (1, True)


def test_a_person_follows_versions_and_only_an_approver_retires_one(folder: Path) -> None:
    here = ("--environment", "nonproduction", *LAPTOP)
    assert ask(folder, "models", *here).stdout.split()[:2] == ["1", "champion"]
    for who in ("ada@example.com", "otto@example.com"):
        refused = ask(folder, "retire", "1", *WHY, "--as", who, *here)
        assert (refused.returncode, "does not approve models" in refused.stderr) == (4, True)
    for asked, code, said in (
        (("retire", "1", *WHY, *DORA, *here), 4, "version 1: is the champion"),
        (("retire", "7", *WHY, *DORA, *here), 2, "version 7: is not registered; there are 1"),
        (("retire", "1", "--why", "old", *DORA, *here), 2, "--why: has 3 characters; write 10 to 300"),
        (("retire", "1", *WHY, *here), 2, "say who approves it"),
        (("models", "--environment", "nowhere", *LAPTOP), 2, "'nowhere' is no operational environment"),
    ):
        told = ask(folder, *asked)
        assert (told.returncode, said in told.stderr) == (code, True), told.stderr
    assert json.loads(ask(folder, "models", *here, "--json").stdout)[0]["retired"] == ""


def test_pipelines_are_listed_checked_and_compiled(folder: Path) -> None:
    assert "Customer churn" in blueprint("pipeline", "list", cwd=folder).stdout
    assert "15 steps" in ask(folder, "check").stdout
    written = ask(folder, "compile", "--out", "out").stdout.split()
    stems = ("churn-operational", "churn-promotion", "churn-canary", "churn-retirement", "churn-rollback")
    assert [Path(path).name for path in written] == [
        f"{stem}.{end}" for stem in stems for end in ("yaml", "py", "graph.json")
    ]
    google = ask(folder, "compile", "--target", "google")
    assert (google.returncode, "--image: is missing, and none is approved" in google.stderr) == (2, True)
