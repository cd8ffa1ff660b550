"""A canary in production is looked at by the orchestrator itself: nobody starts it, and nobody tells it anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from google.api_core.exceptions import Forbidden

import tests.pipelines.test_adapters as adapters
from operations import airflow, vertex
from operations.composer import ENDED, look_by_itself, state_of
from operations.composer import airflow as ask
from operations.outcome import OperationFailed
from operations.pipeline_compile import BOTH
from operations.pipeline_submit import submit
from operations.pipeline_versions import bucket_of, publish, version_of
from pipelines.execute import Run
from pipelines.place import Place
from pipelines.release import Release
from pipelines.services import endpoints
from pipelines.services.vertex_api import client, wait
from sandbox import redirect
from sandbox.api import mapping
from sandbox.api.call import Facade
from tests.conftest import ROOT
from tests.pipelines import api
from tests.pipelines.test_orchestrators import AIRFLOWS, airflow_dags

cloud, there, google = adapters.cloud, adapters.there, adapters.google
versions, trial = adapters.versions, adapters.trial
PIPELINE = "pipeline@p1.iam.gserviceaccount.com"
ROLES = ("roles/aiplatform.user", "roles/monitoring.viewer", "roles/iam.serviceAccountUser", "roles/storage.objectUser")
COMMIT = "0123456789ab" + 28 * "0"


@pytest.fixture(params=BOTH)
def orchestrator(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def production(orchestrator: str, trial: endpoints.OnGoogle, there: Place, cloud: Facade, tmp_path: Path) -> Place:
    """A team's place with a version on trial, where the promotion of a third had to wait for that."""
    assert there.laptop
    laptop = there.laptop.model_copy(update={"services": True})
    place = there.model_copy(update={"laptop": laptop, "service_account": PIPELINE})
    api.furnish(cloud.store, place)
    for role in ROLES:
        grant = {"project": "p1", "role": role, "member": f"serviceAccount:{PIPELINE}"}
        cloud.store.put("google_project_iam_member", f"p1/{role}/{PIPELINE}", grant)
    id_ = f"projects/p1/serviceAccounts/{PIPELINE}"
    account = {"account_id": "pipeline", "email": PIPELINE, "project": "p1", "name": id_, "id": id_}
    cloud.store.put("google_service_account", id_, account)
    cloud.runners |= {"airflow": airflow.runner(tmp_path / "airflow"), "custom_job": container(cloud)}
    publish(place, orchestrator, COMMIT)
    word = {"run": "three", "version": "3", "digest": "d", "metrics": {}, "approved_by": "dora@example.com"}
    release = Release(**word, commit=COMMIT, expected="1", source=place)
    with pytest.raises(OperationFailed, match="version 2 is on trial; conclude its canary first"):
        submit(Run("third", place, {}, release=release), COMMIT, lambda *_: None, by="dora@example.com")
    return place


def container(cloud: Facade) -> Any:
    """What runs a custom job: the step's process, as the account that the job names and with nothing else."""

    def run(job: dict[str, Any]) -> dict[str, Any]:
        spec = job["jobSpec"]
        words = spec["workerPoolSpecs"][0]["containerSpec"]["args"]
        around = redirect.environment(cloud.endpoint, f"serviceAccount:{spec['serviceAccount']}", os.environ)
        command = [sys.executable, "-m", "pipelines.execute", *words]
        done = subprocess.run(command, env=around, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return {}

    return run


def on_composer(place: Place, moment: str) -> str:
    """What becomes of a run that Airflow starts at a moment, without a word: the sandbox has no clock that does."""
    run = Run(moment, place, {})
    code, told = ask(run, "dags", "trigger", ["churn-canary", "--run-id", moment])
    assert not code, told
    for _ in range(1500):
        if (state := state_of(partial(ask, run), "churn-canary", moment)) in ENDED:
            return state
        time.sleep(0.2)
    raise AssertionError(f"{moment} has not ended: {state}")


def schedule(place: Place) -> Any:
    """The one that Vertex AI keeps."""
    (found,) = client(place, "ScheduleServiceClient").list_schedules(parent=place.parent)
    return found


def on_vertex(place: Place, moment: str) -> str:
    """What becomes of a run that Vertex AI starts at a moment, of what its schedule holds and nothing else."""
    jobs, asked = client(place, "PipelineServiceClient"), schedule(place).create_pipeline_job_request
    begun = jobs.create_pipeline_job(
        parent=asked.parent, pipeline_job=asked.pipeline_job, pipeline_job_id=f"churn-canary-{moment.replace('_', '')}"
    )
    wait(lambda: jobs.get_pipeline_job(name=begun.name))
    return "success"


ON_SCHEDULE = {"composer": on_composer, "vertex": on_vertex}


def looks(place: Place) -> list[str]:
    """What the runs have decided, in order."""
    files = Path(place.file(place.uri("", ""))).glob("*/conclude/canary.json")
    return [json.loads(file.read_text())["decision"] for file in sorted(files, key=lambda file: file.stat().st_mtime)]


@pytest.mark.proves("O13a", defect="a version on trial whose predictions fail, and nobody who looks")
def test_a_version_that_fails_is_taken_back_by_itself_and_to_wait_is_no_failure(
    orchestrator: str, production: Place, trial: endpoints.OnGoogle, google: Place, cloud: Facade
) -> None:
    on_schedule = ON_SCHEDULE[orchestrator]
    adapters.asked(google, cloud, times=9, failing="2")
    assert on_schedule(production, "scheduled__1") == "success"
    assert (looks(production), trial.traffic()) == (["wait"], {"1": 50, "2": 50})
    adapters.asked(google, cloud, times=11, failing="2")
    assert on_schedule(production, "scheduled__2") == "success"
    assert (looks(production), trial.traffic()) == (["wait", "roll back"], {"1": 100})
    assert on_schedule(production, "scheduled__3") == "success"
    assert looks(production) == ["wait", "roll back", "nothing"]


@pytest.mark.parametrize("orchestrator", ["composer"])
@pytest.mark.parametrize("version", sorted(AIRFLOWS))
def test_the_dag_has_a_schedule_of_its_own_and_is_replaced_by_the_next_version(
    production: Place, version: str, tmp_path: Path
) -> None:
    other = COMMIT.replace("0123", "4567")
    publish(production, "composer", other)
    look_by_itself(*version_of(production, other), production)
    folder = tmp_path / "dags"
    folder.mkdir()
    for blob in bucket_of(production).list_blobs(prefix="dags/"):
        (folder / blob.name.removeprefix("dags/")).write_bytes(blob.download_as_bytes())
    dags = airflow_dags(version, folder, tmp_path / version)
    found = dags["churn-canary"]
    assert {name for name, dag in dags.items() if dag["schedule"] != "None"} == {"churn-canary"}
    assert (found["schedule"], found["paused"], found["edges"]) == ("0:15:00", False, {"conclude": []})
    told = found["parameters"]
    assert (told["commit"], json.loads(told["release"])) == (other, {"trial": "by its rule"})


@pytest.fixture
def left_over(orchestrator: str, production: Place, cloud: Facade) -> list[str]:
    """Schedules of before: one that somebody has paused and one that two promotions at once have made."""
    other = COMMIT.replace("0123", "4567")
    publish(production, "vertex", other)
    schedules, (found, content) = client(production, "ScheduleServiceClient"), version_of(production, other)
    vertex.look_by_itself(found, content, production)
    again = vertex.wanted("churn-canary", found, content, production)
    names = [schedule(production).name, schedules.create_schedule(parent=production.parent, schedule=again).name]
    kind = mapping.kind("aiplatform", names[0])
    for name in names:
        kept = cloud.store.documents.get(kind, name)
        assert kept
        cloud.store.documents.put(kind, name, kept | {"state": "PAUSED"})
    return names


@pytest.mark.parametrize("orchestrator", ["vertex"])
def test_each_promotion_leaves_one_schedule_that_runs_and_only_who_may_act_as_the_pipeline_makes_it(
    production: Place, left_over: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = COMMIT.replace("0123", "4567")
    vertex.look_by_itself(*version_of(production, other), production)
    found = schedule(production)
    assert found.name not in left_over
    assert (found.display_name, found.cron, found.state.name) == ("churn-canary", "*/15 * * * *", "ACTIVE")
    told = dict(found.create_pipeline_job_request.pipeline_job.runtime_config.parameter_values)
    assert (told["commit"], json.loads(told["release"])) == (other, {"trial": "by its rule"})
    monkeypatch.setenv(redirect.PRINCIPAL, "user:eve@example.com")
    with pytest.raises(Forbidden):
        vertex.look_by_itself(*version_of(production, other), production)


@pytest.mark.parametrize("orchestrator", ["composer"])
def test_a_team_that_changes_to_composer_is_looked_after_by_composer_alone(
    production: Place, left_over: list[str]
) -> None:
    look_by_itself(*version_of(production, COMMIT), production)
    assert left_over
    assert not list(client(production, "ScheduleServiceClient").list_schedules(parent=production.parent))
