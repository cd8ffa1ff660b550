"""What is asked of Google: requests that Google's own types accept, and that the sandbox's API answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from google.cloud import aiplatform_v1

import tests.sandbox.api.conftest as sandbox_api
from pipelines.artifacts import digest_of, save
from pipelines.execute import Run, arguments, execute, main, told
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services import (
    batch_prediction,
    endpoints,
    evaluation,
    experiments,
    features,
    jobs,
    monitoring,
    registry,
    tuning,
)
from pipelines.steps import decide
from pipelines.steps.tune import points
from sandbox.api.call import Facade
from settings.model import Installation
from settings.problems import InvalidSettings
from tests.pipelines.rows import done, place_at

cloud = sandbox_api.cloud
EVALUATION = {
    "metrics": {"auc": 0.8, "log_loss": 0.4, "brier": 0.1, "calibration_error": 0.02},
    "validation_set": {"digest": "d", "rows": 9},
    "reference": {"name": "1"},
    "slices": {},
}


@pytest.fixture
def there(installation: Installation, tmp_path: Path) -> Place:
    """A place at the sandbox's API; only its buckets are folders, as they are in a job of Google's."""
    return place_at(installation, tmp_path, project="p1", region="europe-west1", endpoint="1234567890")


def requests(place: Place, flow: Flow) -> dict[Any, Any]:
    types = aiplatform_v1.types
    return {
        types.CustomJob: jobs.request(place, flow, "train", "one", ["--run", "one"]),
        types.HyperparameterTuningJob: tuning.request(place, flow, "one", [], [{}]),
        types.Model: registry.request(place, "gs://b/model.pickle", "d" * 64, "one", {"title": "t"}),
        types.ModelEvaluation: evaluation.request(place, "1", EVALUATION, "gs://b/holdout"),
        types.DeployedModel: endpoints.request(place, flow, "1"),
        types.BatchPredictionJob: batch_prediction.request(place, flow, "1", "one"),
        types.ModelDeploymentMonitoringJob: monitoring.request(place, flow, "1", "gs://b/training.csv"),
    }


def test_every_request_is_one_that_googles_own_types_accept(place: Place, flow: Flow) -> None:
    for kind, asked in requests(place, flow).items():
        kind(asked)
        with pytest.raises(ValueError, match="Unknown field"):
            kind(asked | {"no_such_field": 1})


@pytest.mark.proves("I6a", "O10", defect="a job without identity, network, key, experiment, bucket or digest")
def test_every_job_carries_identity_network_key_digest_and_experiment(place: Place, flow: Flow) -> None:
    job = jobs.request(place, flow, "train", "one", [])
    spec = job["job_spec"]
    assert spec["service_account"] == place.service_account
    assert spec["network"] == place.network
    assert job["encryption_spec"]["kms_key_name"] == place.key
    assert spec["worker_pool_specs"][0]["container_spec"]["image_uri"] == place.image
    assert spec["experiment"].endswith(f"/contexts/{place.experiment}")
    assert spec["tensorboard"] == place.tensorboard
    assert job["labels"].items() >= place.labels.items()
    for lost in jobs.NEEDED:
        with pytest.raises(InvalidSettings, match="job train: "):
            jobs.request(place.model_copy(update={lost: ""}), flow, "train", "one", [])
    with pytest.raises(InvalidSettings, match="is not a digest"):
        jobs.request(place.model_copy(update={"image": "host/image:latest"}), flow, "train", "one", [])


def test_a_place_takes_an_image_by_digest_and_none_by_tag(place: Place) -> None:
    assert Place.told(place.model_dump_json()) == place
    with pytest.raises(InvalidSettings, match="image"):
        Place.told(place.model_copy(update={"image": "host/images/churn:latest"}).model_dump_json())


def test_the_tuning_job_asks_for_what_the_flow_says_and_the_stand_in_runs_the_trials(place: Place, flow: Flow) -> None:
    asked = tuning.request(place, flow, "one", [], points(flow))
    assert asked["study_spec"]["metrics"] == [{"metric_id": "log_loss", "goal": "MINIMIZE"}]
    assert (asked["max_trial_count"], asked["parallel_trial_count"]) == (flow.tuning.trials, flow.tuning.parallel)
    limits = flow.tuning.search["strength"]
    tried = [json.loads(one) for one in asked["study_spec"]["parameters"][0]["categorical_value_spec"]["values"]]
    assert tried[0] == {}
    assert all(limits.minimum <= one["strength"] <= limits.maximum for one in tried[1:])
    run, _, _ = done(place)
    best = told(run, "tune", "best")
    assert len(best["trials"]) == flow.tuning.trials
    assert min(t["value"] for t in best["trials"]) == next(
        t["value"] for t in best["trials"] if t["parameters"].get("strength") == best["parameters"]["strength"]
    )


@pytest.mark.proves("I8b", defect="an evaluation of other rows than those that were held out")
def test_the_evaluation_names_the_validation_set_and_never_the_training_set(place: Place) -> None:
    run, _, _ = done(place)
    from pipelines.services.ledger import Ledger

    kept = Ledger(place, "evaluations").get("churn-1")
    sets = told(run, "split", "sets")
    assert kept
    (named,) = kept["metadata"]["evaluation_dataset_path"]
    assert digest_of(pd.read_parquet(place.file(named))) == kept["metadata"]["evaluation_dataset_digest"]
    assert kept["metadata"]["evaluation_dataset_digest"] == sets["holdout"]["digest"] != sets["training"]["digest"]
    other = {"validation_set": sets["training"], "same_as_champion": False, "model": "m"}
    with pytest.raises(InvalidSettings, match="not about this run's holdout"):
        decide.run(evaluation=other, scores=pd.DataFrame(), sets=sets, flow=run.flow)


@pytest.mark.proves("O14a", defect="a feature that nobody watches")
def test_monitoring_covers_every_feature_and_a_second_version_takes_its_place(place: Place, flow: Flow) -> None:
    monitor = monitoring.at(place, flow)
    for version in ("1", "2"):
        name = monitor.watch(version, pd.DataFrame({"tenure_months": [1, 2]}))
    from pipelines.services.ledger import Ledger

    assert Ledger(place, "monitoring").names() == [name]
    kept = Ledger(place, "monitoring").get(name)
    assert kept
    (config,) = kept["model_deployment_monitoring_objective_configs"]
    objective = config["objective_config"]
    assert config["deployed_model_id"] == "2"
    (uri,) = objective["training_dataset"]["gcs_source"]["uris"]
    assert uri == monitoring.training_of(place, "2")
    assert place.file(uri).read_text().split() == ["tenure_months", "1", "2"]
    for kind, key in (("training_prediction_skew", "skew"), ("prediction_drift", "drift")):
        limits = objective[f"{kind}_detection_config"][f"{key}_thresholds"]
        assert set(limits) == set(flow.inputs)
        assert limits["country"] == {"value": getattr(flow.monitoring.features["country"], key)}
        assert limits["tenure_months"] == {"value": getattr(flow.monitoring, key)}
    assert kept["model_monitoring_alert_config"]["email_alert_config"]["user_emails"] == [place.contact]
    assert kept["model_deployment_monitoring_schedule_config"]["monitor_interval"]["seconds"] > 0
    unwatched = flow.model_copy(update={"features": flow.features[1:]})
    (config,) = monitoring.request(place, unwatched, "2", "gs://b/t")["model_deployment_monitoring_objective_configs"]
    watched = config["objective_config"]["training_prediction_skew_detection_config"]["skew_thresholds"]
    assert set(flow.inputs) - set(watched) == {flow.features[0]}


def test_batch_prediction_answers_every_row(place: Place) -> None:
    run, _, _ = done(place)
    prepared = pd.read_parquet(run.path("transform", "prepared", "frame"))
    predictions = pd.read_parquet(run.path("batch_predict", "predictions", "frame"))
    assert len(predictions) == len(prepared)
    assert predictions["score"].between(0, 1).all()


@pytest.mark.proves("I5", "A5a", defect="an entity without features")
def test_features_are_written_once_and_read_by_entity(place: Place) -> None:
    run, _, _ = done(place)
    store = features.at(place)
    prepared = pd.read_parquet(run.path("transform", "prepared", "frame"))
    entity = prepared.customer_id.iloc[0]
    assert store.online(entity)["tenure_months"] == prepared.tenure_months.iloc[0]
    before = store.read([entity])
    store.write(before)
    assert len(store.read([entity])) == len(before)
    with pytest.raises(LookupError, match="no features of entity 'nobody'"):
        store.online("nobody")


@pytest.fixture
def trained(there: Place, cloud: Facade) -> Iterator[tuple[Run, Place]]:
    """A run up to training, whose training was a custom job of the sandbox's API."""
    run, ran = Run("one", there, {}), list[str]()

    def container(job: dict[str, Any]) -> dict[str, Any]:
        spec = job["jobSpec"]["workerPoolSpecs"][0]["containerSpec"]
        ran.append(spec["imageUri"])
        assert spec["command"] == ["python", "-m", "pipelines.execute"]
        assert main(spec["args"]) == 0
        return {}

    cloud.runners["custom_job"] = container
    for name in ("transfer", "transform", "validate", "split", "write_features", "read_features", "tune"):
        execute(run, name, run.inputs(run.steps[name]), run.outputs(run.steps[name]))
    asked = jobs.request(there, run.flow, "train", run.name, ["--inside", *arguments(run)])
    jobs.OnGoogle(there).run(asked, lambda: None)
    assert ran == [there.image]
    yield run, there


@pytest.mark.proves("O10", "O13a", defect="a crown that somebody else has taken")
def test_googles_adapters_train_register_deploy_and_track_on_the_sandbox(trained: tuple[Run, Place]) -> None:
    run, place = trained
    models = registry.OnGoogle(place)
    assert models.champion() is None
    uri = place.uri("one", "train", "model.pickle")
    digest = registry.file_digest(place.file(uri))
    first = models.upload(uri, digest, "one", {"title": "churn"})
    assert models.upload(uri, digest, "one", {"title": "churn"}).version == first.version == "1"
    assert models.crown("1", None)
    assert models.crown("1", None), "what is so already stays"
    champion = models.champion()
    assert champion and champion.digest == digest
    assert len(champion.model().predict(pd.read_parquet(run.path("split", "holdout", "frame")))) > 0
    _endpoint(place)
    serving = endpoints.OnGoogle(place, run.flow)
    serving.deploy("1")
    serving.share({"1": 100})
    second = Path(place.file(uri)).with_name("other") / "model.pickle"
    save(champion.model(), second)
    models.upload(uri.replace("model.pickle", "other/model.pickle"), digest, "two", {"title": "churn"})
    assert not models.crown("2", None), "the champion is not what was expected any more"
    serving.deploy("2")
    serving.share({"1": 90, "2": 10})
    assert serving.traffic() == {"1": 90, "2": 10}
    serving.share({"1": 100})
    assert serving.traffic() == {"1": 100}


def _endpoint(place: Place) -> None:
    from pipelines.services.vertex_api import client

    asked = {"parent": place.parent, "endpoint": {"display_name": "churn"}, "endpoint_id": place.endpoint}
    client(place, "EndpointServiceClient").create_endpoint(request=asked).result()


@pytest.mark.proves("I7a", defect="a run of another experiment")
def test_runs_of_one_experiment_are_kept_by_vertex_ai(there: Place, cloud: Facade) -> None:
    here = experiments.at(there)
    for run, seed in (("one", 1), ("two", 2)):
        here.log(run, {"seed": seed}, {"auc": 0.7 + seed / 100}, {"data": "d", "commit": "c"}, ended=False)
    here.log("two", {"seed": 2}, {"auc": 0.72}, {"data": "d", "commit": "c"}, ended=False)
    here.end("two")
    assert {name: one["ended"] for name, one in here.runs().items()} == {"one": False, "two": True}
    assert {name: (one["parameters"]["seed"], one["metrics"]["auc"]) for name, one in here.runs().items()} == {
        "one": (1, 0.71),
        "two": (2, 0.72),
    }
    assert here.runs()["one"]["facts"]["tensorboard"] == there.tensorboard
    other = experiments.at(there.model_copy(update={"experiment": "somebody-elses"}))
    other.log("three", {"seed": 3}, {"auc": 0.5}, {"data": "d", "commit": "c"})
    assert (list(other.runs()), sorted(here.runs())) == (["three"], ["one", "two"])
