"""A run that an orchestrator has lost goes on by its name: another job for each attempt, and never two at once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from operations.composer import run_dag, state_of
from operations.outcome import OperationFailed
from operations.pipeline_versions import publish, version_of
from operations.vertex import run_job
from pipelines.execute import Run
from pipelines.place import Place
from pipelines.services import vertex_api
from sandbox.api.call import Facade
from settings.model import Installation
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
