"""Who waits for a job at Vertex AI is killed and waits again: for the job that goes on, and no other is begun."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Timer
from types import ModuleType, SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from google.cloud import bigquery, storage

import tests.sandbox.api.conftest as sandbox_api
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services import batch_prediction, jobs, registry, tuning, vertex_api
from sandbox.api.call import Facade
from settings.model import Installation
from tests.pipelines.dying import dying
from tests.pipelines.rows import place_at

cloud = sandbox_api.cloud
POINT = json.dumps({})
TRIAL = {
    "state": "SUCCEEDED",
    "parameters": [{"parameterId": "point", "value": POINT}],
    "finalMeasurement": {"metrics": [{"metricId": "log_loss", "value": 0.5}]},
}
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "custom_job": ("custom_job", {}),
    "hyperparameter_tuning_job": ("tuning_job", {"trials": [TRIAL]}),
    "batch_prediction_job": ("batch_prediction", {"outputInfo": {"bigqueryOutputTable": "prepared_one"}}),
}
"""By kind of job: who does it here, and what comes of it."""


@pytest.fixture
def google(installation: Installation, tmp_path: Path, cloud: Facade) -> Place:
    there = place_at(installation, tmp_path, project="p1", region="europe-west1", endpoint="1234567890")
    bigquery.Client(project="p1").create_dataset(there.dataset)
    storage.Client(project="p1").create_bucket(there.bucket)
    model = registry.request(there, f"gs://{there.bucket}/model.pickle", "d", "one", {"title": "t"})
    asked = {"parent": there.parent, "model": model, "model_id": there.team}
    vertex_api.client(there, "ModelServiceClient").upload_model(request=asked).result()
    return there.model_copy(update={"laptop": None})


def waiting(kind: str, google: Place, flow: Flow) -> Callable[[], object]:
    """What begins a job and waits for its end."""
    asked = jobs.request(google, flow, "train", "one", [])
    rows = pd.DataFrame({"prediction": [0.5, 0.5]})
    return {
        "custom_job": lambda: jobs.OnGoogle(google).run(asked, lambda: None),
        "hyperparameter_tuning_job": lambda: tuning.OnGoogle(google, flow, "one", []).search([{}], lambda _: 0.0),
        "batch_prediction_job": lambda: batch_prediction.OnGoogle(google, flow).score("1", "one", rows, None),  # type: ignore[arg-type]
    }[kind]


def known(kind: str, google: Place) -> list[Any]:
    return list(getattr(vertex_api.client(google, "JobServiceClient"), f"list_{kind}s")(parent=google.parent))


@pytest.mark.parametrize("kind", MADE)
def test_a_job_that_goes_on_is_waited_for_and_one_that_has_ended_is_done_again(
    kind: str, google: Place, flow: Flow, cloud: Facade
) -> None:
    runner, made = MADE[kind]
    go_on, wait = Event(), waiting(kind, google, flow)
    cloud.runners[runner] = lambda _: made if go_on.wait(60) else {}
    effects = 0
    while not known(kind, google):
        effects += 1
        with dying(effects):
            wait()
    Timer(2, go_on.set).start()
    wait()
    assert len(known(kind, google)) == 1
    wait()
    assert len(known(kind, google)) == 2, "of one that has ended nobody knows whether its work is kept"


@pytest.fixture
def dags(google: Place, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of the DAG, with Airflow's names and Google's own clients behind its hooks."""

    class AirflowException(Exception):  # noqa: N818 - Airflow's name
        pass

    class AirflowFailException(AirflowException):
        pass

    class Bucket:
        def __init__(self, **_: Any) -> None:
            self._bucket = storage.Client(project="p1").bucket(google.bucket)

        def exists(self, *, bucket_name: str, object_name: str) -> bool:
            return bucket_name == google.bucket and self._bucket.blob(object_name).exists()

        def download(self, *, bucket_name: str, object_name: str) -> bytes:
            content: bytes = self._bucket.blob(object_name).download_as_bytes()
            return content

    hook = SimpleNamespace(get_job_service_client=lambda _: vertex_api.client(google, "JobServiceClient"))
    provider = "airflow.providers.google.cloud.hooks"
    names: dict[str, dict[str, Any]] = {
        "airflow.decorators": {"dag": None, "task": None},
        "airflow.exceptions": {"AirflowException": AirflowException, "AirflowFailException": AirflowFailException},
        "airflow.models.param": {"Param": None},
        f"{provider}.vertex_ai.custom_job": {"CustomJobHook": lambda **_: hook},
        f"{provider}.gcs": {"GCSHook": Bucket},
    }
    for name, has in names.items():
        module = ModuleType(name)
        vars(module).update(has)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "pipelines.composer_dag", raising=False)
    yield importlib.import_module("pipelines.composer_dag")
    sys.modules.pop("pipelines.composer_dag", None)


def test_a_task_of_composer_takes_over_the_job_of_a_worker_that_was_lost(
    dags: Any, google: Place, flow: Flow, cloud: Facade
) -> None:
    go_on, asked = Event(), jobs.request(google, flow, "train", "one", [])
    cloud.runners["custom_job"] = lambda _: {"done": go_on.wait(60)}
    vertex_api.client(google, "JobServiceClient").create_custom_job(parent=google.parent, custom_job=asked)
    Timer(2, go_on.set).start()
    dags.on_vertex(google.model_dump(), "one", asked)
    assert len(known("custom_job", google)) == 1


def test_a_task_of_composer_is_tried_again_unless_its_own_input_has_stopped_it(
    dags: Any, google: Place, flow: Flow, cloud: Facade
) -> None:
    def lost(_: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("the worker was lost")

    cloud.runners["custom_job"] = lost
    told, asked = storage.Client(project="p1").bucket(google.bucket), jobs.request(google, flow, "train", "one", [])
    for step, final in (("", False), ("validate", False), ("train", True)):
        if step:
            told.blob("failures/one.json").upload_from_string(json.dumps({"step": step}))
        with pytest.raises(Exception, match="FAILED") as stopped:
            dags.on_vertex(google.model_dump(), "one", asked)
        assert (type(stopped.value).__name__ == "AirflowFailException") is final, step
