"""A run that an orchestrator has lost goes on by its name: another job for each attempt, and never two at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud import storage

from operations.composer import run_dag, state_of
from operations.outcome import Exit, OperationFailed
from operations.pipeline_submit import submit
from operations.pipeline_versions import publish, version_of
from operations.vertex import run_job
from pipelines import execute
from pipelines.artifacts import write_json
from pipelines.execute import Run
from pipelines.place import MOUNT, Place
from pipelines.release import Rollback
from pipelines.services import vertex_api
from sandbox import redirect
from sandbox.api.call import Facade
from settings.model import Installation
from settings.problems import InvalidSettings
from tests.pipelines import api
from tests.pipelines.rows import place_at
from tests.pipelines.test_orchestrators import AIRFLOWS

COMMIT = "0123456789ab" + 28 * "0"
PARSER = "import sys; from airflow.cli.cli_parser import get_parser; get_parser().parse_args(sys.argv[1:])"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Facade]:
    with api.served(tmp_path / "cloud") as facade:
        yield facade


@pytest.fixture
def place(installation: Installation, tmp_path: Path, cloud: Facade) -> Place:
    found = place_at(installation, tmp_path)
    api.furnish(cloud.store, found)
    return found


def told(*_: Any) -> None:
    """Nobody listens."""


@pytest.mark.proves("O5", defect="a run that is submitted again while it goes on, and one whose DAG had failed")
def test_a_failed_run_goes_on_at_composer_by_its_name(place: Place, cloud: Facade, tmp_path: Path) -> None:
    publish(place, "composer", COMMIT)
    seen: list[tuple[str, str]] = []

    def fails_once(asked: dict[str, Any]) -> dict[str, Any]:
        seen.append((asked["run_id"], asked["conf"]["run"]))
        if len(seen) == 1:
            raise RuntimeError("the worker was lost")
        if len(seen) == 2:
            with pytest.raises(OperationFailed, match="is going on still"):
                run_dag(*version_of(place, COMMIT), Run("one", place, {}), tmp_path, told)
        return {}

    cloud.runners["airflow"] = fails_once
    with pytest.raises(OperationFailed, match="has failed"):
        run_dag(*version_of(place, COMMIT), Run("one", place, {}), tmp_path, told)
    run_dag(*version_of(place, COMMIT), Run("one", place, {}), tmp_path, told)
    assert seen == [("one", "one"), ("one-2", "one")]


def test_a_failed_run_goes_on_at_vertex_ai_by_its_name(place: Place, cloud: Facade, tmp_path: Path) -> None:
    publish(place, "vertex", COMMIT)
    jobs = vertex_api.client(place, "PipelineServiceClient")
    lost = {"pipeline_spec": {"root": {"dag": {}}}, "display_name": "lost"}
    first = {"parent": place.parent, "pipeline_job": lost, "pipeline_job_id": "churn-operational-one"}
    name = jobs.create_pipeline_job(request=first).name
    cloud.operations.wait()
    assert jobs.get_pipeline_job(name=name).state.name == "PIPELINE_STATE_FAILED"
    with pytest.raises(OperationFailed, match=r"pipelineJobs/churn-operational-one-2"):
        run_job(*version_of(place, COMMIT), Run("one", place, {"seed": "none"}), tmp_path, told)


BACK = Rollback(roll_back="it answers badly", approved_by="dora@example.com", on="2026-11-26")
STOPPED: dict[str, tuple[str, Rollback | None, type[Exception], str]] = {
    "bad input": ("transfer", None, InvalidSettings, "source: "),
    "a refusal": ("roll_back", BACK, OperationFailed, "there is no champion to go back to"),
}


@pytest.mark.parametrize("case", STOPPED)
def test_what_stopped_a_run_at_google_is_told_to_whoever_submitted_it(
    case: str, place: Place, cloud: Facade, tmp_path: Path
) -> None:
    step, release, error, said = STOPPED[case]
    google = place.model_copy(update={"laptop": None})
    publish(google, "composer", COMMIT)
    endpoint = f"{google.parent}/endpoints/{google.endpoint}"
    known = {"name": google.endpoint, "project": google.project, "location": google.region, "id": endpoint}
    cloud.store.put("google_vertex_ai_endpoint", endpoint, known | {"display_name": "churn"})
    run, mounts = Run("one", google, {}, release=release), tmp_path / "mounts"
    bucket = storage.Client(project=google.project).bucket(google.bucket)
    around = redirect.environment(cloud.endpoint, redirect.OPERATOR, base=os.environ) | {MOUNT: str(mounts)}

    def job(asked: dict[str, Any]) -> dict[str, Any]:
        """A step in a job: what it leaves where its bucket is mounted is in the bucket."""
        words = [f"--{name}={asked['conf'][name]}" for name in ("run", "place", "commit", "release")]
        command = [sys.executable, "-m", "pipelines.execute", step, "--parameters={}", *words]
        done = subprocess.run(command, env=around, capture_output=True, text=True, check=False)
        bucket.blob("failures/one.json").upload_from_filename(mounts / google.bucket / "failures/one.json")
        raise RuntimeError(done.stderr)

    cloud.runners["airflow"] = job
    with pytest.raises(error, match=said) as stopped:
        submit(run, COMMIT, told, by="ada@example.com")
    assert error is InvalidSettings or stopped.value.code is Exit.REFUSED
    cloud.runners["airflow"] = lambda _: 1 / 0
    with pytest.raises(OperationFailed, match="has failed") as lost:
        submit(run, COMMIT, told, by="ada@example.com")
    assert lost.value.code is Exit.FAILURE, "what an attempt before has left is not what stopped this one"


def test_a_step_that_is_done_again_takes_back_what_it_had_left_and_nothing_else(
    installation: Installation, tmp_path: Path
) -> None:
    run = Run("one", place_at(installation, tmp_path), {})
    for step, left in (("validate", True), ("transfer", False)):
        write_json(run.failure, {"step": step, "refused": False, "problems": []})
        execute.execute(run, "transfer", {}, run.outputs(run.steps["transfer"]))
        assert run.failure.exists() is left


@pytest.mark.parametrize("version", sorted(AIRFLOWS))
def test_runs_are_listed_in_the_words_of_each_airflow(version: str) -> None:
    def ask(*words: Any) -> tuple[int, str]:
        group, command, options = words
        done = subprocess.run(
            [AIRFLOWS[version], "-c", PARSER, group, command, *options], capture_output=True, text=True, check=False
        )
        return done.returncode, json.dumps([{"run_id": "one", "state": "success"}])

    assert state_of(ask, "churn-operational", "one") == "success"
    assert state_of(ask, "churn-operational", "two") == "queued"
    refused = [bool(ask("dags", "list-runs", [*words, "-o", "json"])[0]) for words in (["--dag-id", "d"], ["d"])]
    assert refused == [version == "airflow3", version == "airflow"]
