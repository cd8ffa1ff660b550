"""Adapters of Google's services: each with Google's own client, against the sandbox's API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from google.cloud import aiplatform_v1, bigquery, storage

import tests.sandbox.api.conftest as sandbox_api
from operations.pipeline_promotion import conclude, rollback
from pipelines.execute import Run, arguments, execute, main
from pipelines.place import Place
from pipelines.release import Refused
from pipelines.services import (
    batch_prediction,
    endpoints,
    evaluation,
    features,
    monitoring,
    registry,
    tuning,
    turn,
    vertex_api,
    warehouse,
)
from sandbox.api.call import Facade
from settings.model import Installation
from tests.pipelines.rows import place_at
from tests.pipelines.test_services import EVALUATION

cloud = sandbox_api.cloud
BEFORE_TUNING = ("transfer", "transform", "validate", "split", "write_features", "read_features")


@pytest.fixture
def there(installation: Installation, tmp_path: Path) -> Place:
    """A place at the sandbox's API; its buckets are folders, as they are in a job of Google's."""
    return place_at(installation, tmp_path, project="p1", region="europe-west1", endpoint="1234567890")


@pytest.fixture
def google(there: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The same place without stand-ins."""
    assert there.laptop
    monkeypatch.setenv("GCS_MOUNT", f"{there.laptop.folder}/buckets")
    return there.model_copy(update={"laptop": None})


@pytest.fixture
def versions(google: Place, cloud: Facade) -> Iterator[registry.OnGoogle]:
    """A registry with two versions, of which the first is the champion and has all the traffic."""
    models, serving = registry.OnGoogle(google), endpoints.OnGoogle(google, Run("one", google, {}).flow)
    for run in ("one", "two"):
        uri = google.uri(run, "train", "model.pickle")
        google.file(uri).parent.mkdir(parents=True)
        google.file(uri).write_text(run)
        models.upload(uri, registry.file_digest(google.file(uri)), run, {"title": run})
    asked = {"parent": google.parent, "endpoint": {"display_name": "churn"}, "endpoint_id": google.endpoint}
    vertex_api.client(google, "EndpointServiceClient").create_endpoint(request=asked).result()
    assert models.crown("1", None)
    serving.deploy("1", {"1": 100})
    serving.deploy("2", {"1": 90, "2": 10})
    yield models


@pytest.mark.proves("I6b", defect="a trial that reports no metric")
def test_a_tuning_job_runs_its_trials_in_the_image_and_the_best_is_found(
    there: Place, cloud: Facade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, file = Run("one", there, {}), tmp_path / "metrics"
    for name in BEFORE_TUNING:
        execute(run, name, run.inputs(run.steps[name]), run.outputs(run.steps[name]))
    monkeypatch.setenv("CLOUD_ML_HP_METRIC_FILE", str(file))

    def trials(job: dict[str, Any]) -> dict[str, Any]:
        words = job["trialJobSpec"]["workerPoolSpecs"][0]["containerSpec"]["args"]
        made = []
        for strength in ("0.01", "1.0"):
            assert main([*words, f"--strength={strength}"]) == 0
            told = json.loads(file.read_text().splitlines()[-1])
            measured = {"metrics": [{"metricId": "log_loss", "value": told["log_loss"]}]}
            made.append({"state": "SUCCEEDED", "parameters": [{"parameterId": "strength", "value": float(strength)}]})
            made[-1]["finalMeasurement"] = measured
        return {"trials": [*made, {"state": "INFEASIBLE", "parameters": made[0]["parameters"]}]}

    cloud.runners["tuning_job"] = trials
    found = tuning.OnGoogle(there, run.flow, run.name, arguments(run)).search([], lambda _: 0.0)
    assert [one["parameters"] for one in found] == [{"strength": 0.01}, {"strength": 1.0}, {"strength": 0.01}]
    assert found[0]["value"] != found[1]["value"]
    assert found[2]["value"] is None
    assert main(["tune", *arguments(run), "--trial", "--strength=0.1"]) == 0


@pytest.mark.proves("I8b", defect="an evaluation that is imported twice")
def test_an_evaluation_is_imported_once_and_names_the_holdout(versions: registry.OnGoogle, google: Place) -> None:
    for _ in range(2):
        evaluation.OnGoogle(google).attach("1", EVALUATION, google.uri("one", "holdout"))
    models = vertex_api.client(google, "ModelServiceClient")
    (kept,) = models.list_model_evaluations(parent=f"{google.parent}/models/churn@1")
    assert kept.metadata["evaluation_dataset_path"] == [google.uri("one", "holdout")]
    assert kept.metrics["auRoc"] == EVALUATION["metrics"]["auc"]  # type: ignore[index]


@pytest.mark.proves("O13a", defect="a crown that somebody else has taken")
def test_canaries_are_concluded_and_taken_back_at_vertex_ai(versions: registry.OnGoogle, google: Place) -> None:
    serving = endpoints.OnGoogle(google, Run("one", google, {}).flow)
    good = {"requests": 500, "errors": 1, "minutes": 90}
    assert conclude(google, good | {"minutes": 5})["decision"] == "wait"
    assert conclude(google, good)["decision"] == "widen"
    assert serving.traffic() == {"2": 100}
    champion = versions.champion()
    assert champion and champion.version == "2"
    assert not versions.crown("1", "1"), "version 2 is the champion now"
    assert rollback(google)["to"] == {"1": 100}
    assert serving.traffic() == {"1": 100}
    again = versions.champion()
    assert again and again.version == "1"


@pytest.mark.proves("O14a", defect="a second job for a second version")
def test_monitoring_of_a_second_version_updates_the_job(versions: registry.OnGoogle, google: Place) -> None:
    flow = Run("one", google, {}).flow
    frame = pd.DataFrame({name: [1, 2] for name in flow.inputs})
    names = {monitoring.OnGoogle(google, flow).watch(version, version, frame) for version in ("1", "2")}
    jobs = vertex_api.client(google, "JobServiceClient")
    (job,) = jobs.list_model_deployment_monitoring_jobs(parent=google.parent)
    assert names == {job.name}
    (objective,) = job.model_deployment_monitoring_objective_configs
    uris = objective.objective_config.training_dataset.gcs_source.uris
    assert list(uris) == [google.uri("2", "monitor", "training.csv")]
    assert google.file(uris[0]).exists()
    assert job.labels["version"] == "2"


@pytest.mark.proves("O7", defect="rows after the cut-off")
def test_rows_and_features_are_read_from_bigquery(google: Place, cloud: Facade) -> None:
    client = bigquery.Client(project="p1")
    google = google.model_copy(update={"features": "p1.features.features"})
    for name in (google.source_dataset, google.dataset, "features"):
        client.create_dataset(name)
    rows = pd.DataFrame({"id": ["a", "b"], "month": pd.to_datetime(["2026-01-01", "2026-02-01"])})
    client.load_table_from_dataframe(rows, f"p1.{google.source_dataset}.contracts").result()
    sql = f"SELECT id FROM `p1.{google.source_dataset}.contracts` WHERE month < @until"
    found = warehouse.OnGoogle(google).rows(sql, {"until": "2026-01-15"}, f"p1.{google.dataset}.source")
    assert found["id"].tolist() == ["a"]
    assert [row["id"] for row in client.list_rows(f"p1.{google.dataset}.source")] == ["a"]
    store = features.OnGoogle(google)
    kept = pd.DataFrame({"entity_id": ["a", "b"], "feature_timestamp": rows["month"], "calls": [1, 2]})
    assert store.write(kept) == "bq://p1.features.features"
    assert store.read(["b"])["calls"].tolist() == [2]


@pytest.mark.proves("O13b", defect="a job that scores fewer rows than it was given")
def test_a_batch_prediction_reads_a_table_and_gives_a_score_for_each_row(
    versions: registry.OnGoogle, google: Place, cloud: Facade
) -> None:
    client = bigquery.Client(project="p1")
    client.create_dataset(google.dataset)

    def runner(job: dict[str, Any]) -> dict[str, Any]:
        assert job["model"].endswith("/models/churn@1")
        rows = client.list_rows(f"p1.{google.dataset}.prepared").to_arrow().to_pandas()
        client.load_table_from_dataframe(rows.assign(prediction=0.5), f"p1.{google.dataset}.answers").result()
        return {"outputInfo": {"bigqueryOutputTable": "answers"}}

    cloud.runners["batch_prediction"] = runner
    flow = Run("one", google, {}).flow
    scored = batch_prediction.OnGoogle(google, flow).score("1", "one", pd.DataFrame({"a": [1, 2]}), None)  # type: ignore[arg-type]
    assert scored["score"].tolist() == [0.5, 0.5]


def test_one_promotion_at_a_time_at_google(google: Place, cloud: Facade) -> None:
    storage.Client(project="p1").create_bucket(google.bucket)
    for _ in range(2):
        first, second = turn.OnGoogle(google).taken(), turn.OnGoogle(google).taken()
        with first, pytest.raises(Refused, match="another one is going on"), second:
            pass


def test_every_adapter_is_tried_against_the_api() -> None:
    """A service that nobody has tried against Google's client is found by its file."""
    room = Path(features.__file__).parent
    tried = Path(__file__).read_text() + Path(__file__).with_name("test_services.py").read_text()
    for path in room.glob("*.py"):
        if "class OnGoogle" in path.read_text():
            assert f"{path.stem}.OnGoogle(" in tried or f"{path.stem}.at(" in tried, path.name
    assert aiplatform_v1
