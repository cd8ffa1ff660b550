"""Model Monitoring's stand-in: what it finds is what an endpoint was really asked, held against the job's own data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core.exceptions import BadRequest, Forbidden, MethodNotImplemented
from google.cloud import aiplatform_v1, storage

from sandbox.api.call import Facade
from sandbox.api.verbs import request_log
from sandbox.api.verbs.distributions import deviation

PLACE, IMAGE = "projects/p1/locations/europe-west1", "europe-docker.pkg.dev/p1/images/serve@sha256:0"
SKEW, DRIFT = "RAW_FEATURE_SKEW", "RAW_FEATURE_DRIFT"
Ask = Callable[..., dict[str, dict[str, Any]]]
ALIKE = [{"age": age, "city": city} for age in range(20, 60) for city in ("Rome", "Bonn")]


@pytest.fixture
def endpoint(cloud: Facade) -> Iterator[str]:
    """An endpoint whose one model answers anything."""
    models, endpoints = aiplatform_v1.ModelServiceClient(), aiplatform_v1.EndpointServiceClient()
    asked: dict[str, Any] = {"display_name": "m", "container_spec": {"image_uri": IMAGE}}
    model = models.upload_model(parent=PLACE, model=asked).result().model
    name = endpoints.create_endpoint(parent=PLACE, endpoint={"display_name": "e"}).result().name
    deployed = {"model": model, "id": "9", "dedicated_resources": {"machine_spec": {"machine_type": "n1"}}}
    endpoints.deploy_model(endpoint=name, deployed_model=deployed, traffic_split={"0": 100}).result()
    cloud.runners["predict"] = lambda asked: {"predictions": [0.5 for _ in asked["instances"]]}
    yield name


@pytest.fixture
def job(endpoint: str, cloud: Facade) -> str:
    """Its monitoring, of every request, against eighty customers between twenty and sixty from two cities."""
    storage.Client(project="p1").create_bucket("training", location="europe-west1")
    rows = "".join(f"{one['age']},{one['city']}\n" for one in ALIKE)
    storage.Client(project="p1").bucket("training").blob("rows.csv").upload_from_string(f"age,city\n{rows}")
    grant = {"bucket": "training", "role": "roles/storage.objectViewer", "member": agent(cloud)}
    cloud.store.put("google_storage_bucket_iam_member", "training/agent", grant)
    return monitored(endpoint, 1.0)


def agent(cloud: Facade) -> str:
    number = cloud.store.number("project", "p1")
    return f"serviceAccount:service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"


def monitored(endpoint: str, rate: float) -> str:
    limits = {"age": {"value": 0.3}, "city": {"value": 0.2}, "unasked": {"value": 0.1}}
    dataset = {"gcs_source": {"uris": ["gs://training/rows.csv"]}, "data_format": "csv"}
    objective = {
        "training_dataset": dataset,
        "training_prediction_skew_detection_config": {"skew_thresholds": limits},
        "prediction_drift_detection_config": {"drift_thresholds": limits},
    }
    asked = {
        "display_name": "watch",
        "endpoint": endpoint,
        "logging_sampling_strategy": {"random_sample_config": {"sample_rate": rate}},
        "model_deployment_monitoring_schedule_config": {"monitor_interval": {"seconds": 3600}},
        "model_deployment_monitoring_objective_configs": [{"deployed_model_id": "9", "objective_config": objective}],
    }
    jobs = aiplatform_v1.JobServiceClient()
    made = jobs.create_model_deployment_monitoring_job(parent=PLACE, model_deployment_monitoring_job=asked)
    return str(made.name)


def predict(endpoint: str, rows: list[dict[str, Any]]) -> None:
    aiplatform_v1.PredictionServiceClient().predict(endpoint=endpoint, instances=rows)


def looked(job: str, kind: str = SKEW, **more: Any) -> dict[str, Any]:
    """The newest look at each feature that was looked at."""
    asked = {"model_deployment_monitoring_job": job, "deployed_model_id": "9", "objectives": [{"type_": kind}]}
    pages = aiplatform_v1.JobServiceClient().search_model_deployment_monitoring_stats_anomalies(request=asked | more)
    (found,) = list(pages)
    moved = [one for one in found.feature_stats if one.prediction_stats]
    assert found.anomaly_count == sum(
        one.prediction_stats[0].distribution_deviation > one.threshold.value for one in moved
    )
    return {one.feature_display_name: one.prediction_stats[0] for one in moved}


def earlier(cloud: Facade, minutes: int) -> None:
    """Everything that was asked was asked so long ago."""
    moment = f"{datetime.now(UTC) - timedelta(minutes=minutes):%FT%TZ}"
    for name, body in cloud.store.documents.find("aiplatform:requests"):
        cloud.store.documents.put("aiplatform:requests", name, body | {"time": moment})


@pytest.mark.proves("O14a", defect="an endpoint that nobody has asked, and a feature that no request has")
def test_skew_is_what_the_requests_and_the_training_set_say(cloud: Facade, endpoint: str, job: str) -> None:
    assert looked(job) == {}, "nobody has asked"
    predict(endpoint, ALIKE)
    assert {name: it.distribution_deviation for name, it in looked(job).items()} == {"age": 0.0, "city": 0.0}
    assert looked(job)["age"].stats_uri == "SANDBOX: computed when asked, from 80 sampled instances"
    predict(endpoint, [one | {"age": 90} for one in ALIKE] * 4)
    found = looked(job)
    assert found["age"].distribution_deviation > 0.3 > found["city"].distribution_deviation
    assert list(looked(job, feature_display_name="city")) == ["city"]
    assert looked(job, end_time=datetime.now(UTC) - timedelta(minutes=5)) == {}
    earlier(cloud, 61)
    assert looked(job) == {}, "that was an interval ago"


@pytest.mark.proves("O14b", defect="requests that are others than those of the interval before")
def test_drift_is_what_the_requests_and_those_of_the_interval_before_say(
    cloud: Facade, endpoint: str, job: str
) -> None:
    predict(endpoint, ALIKE)
    assert looked(job, DRIFT) == {}, "there is nothing before"
    earlier(cloud, 90)
    predict(endpoint, [one | {"city": "Oslo"} for one in ALIKE])
    found = looked(job, DRIFT)
    assert (found["age"].distribution_deviation, found["city"].distribution_deviation) == (0.0, 1.0)


def test_only_what_the_sampling_hits_is_kept(
    cloud: Facade, endpoint: str, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = iter([0.9, 0.1])
    aiplatform_v1.JobServiceClient().delete_model_deployment_monitoring_job(name=job).result()
    predict(endpoint, ALIKE)
    sampled = monitored(endpoint, 0.2)
    monkeypatch.setattr(request_log.random, "random", lambda: next(draws))
    predict(endpoint, ALIKE)
    assert looked(sampled) == {}
    predict(endpoint, ALIKE)
    assert set(looked(sampled)) == {"age", "city"}


def test_what_cannot_be_told_is_refused(cloud: Facade, endpoint: str, job: str, act_as: Callable[[str], None]) -> None:
    with pytest.raises(BadRequest, match="does not monitor the deployed model 7"):
        looked(job, deployed_model_id="7")
    with pytest.raises(MethodNotImplemented, match="RAW_FEATURE_SKEW"):
        looked(job, "FEATURE_ATTRIBUTION_SKEW")
    cloud.store.delete("google_storage_bucket_iam_member", "training/agent")
    with pytest.raises(BadRequest, match=rf"rows\.csv cannot be read: it is not there, or {agent(cloud)} lacks"):
        looked(job)
    act_as("user:eve@example.com")
    with pytest.raises(Forbidden, match="searchStatsAnomalies"):
        looked(job)


@pytest.mark.parametrize(
    ("before", "now", "far"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4], 0.0),
        ([1, 2, 3, 4], [9, 9, 9, 9], 0.5488),
        ([1, 1, 1], [1, 1], 0.0),
        ([1, 1, 1], [2, None], 1.0),
        (["1", "2"], [1, 2.0], 0.0),
        (["a", "b"], ["a", "b"], 0.0),
        (["a", "b"], ["c"], 1.0),
        (["a", "a", "a", "b"], ["a", "b"], 0.25),
        ([None, ""], ["x"], 1.0),
    ],
)
def test_distances_are_those_that_google_names(before: list[Any], now: list[Any], far: float) -> None:
    assert deviation(before, now) == pytest.approx(far, abs=1e-4)
