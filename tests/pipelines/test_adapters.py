"""Adapters of Google's services: each with Google's own client, against the sandbox's API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from google.api_core.exceptions import BadRequest, Forbidden, InternalServerError
from google.cloud import aiplatform_v1, bigquery, storage

import tests.sandbox.api.conftest as sandbox_api
from operations.outcome import OperationFailed
from operations.pipeline_models import models
from operations.pipeline_promotion import conclude, evidence, rollback
from operations.pipeline_submit import tensorboard
from pipelines.execute import Run, arguments, execute, main
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.release import Refused
from pipelines.services import (
    answers,
    batch_prediction,
    endpoints,
    evaluation,
    experiments,
    features,
    monitoring,
    registry,
    tuning,
    turn,
    vertex_api,
    warehouse,
)
from pipelines.steps import transfer, tune, write_features
from sandbox import redirect
from sandbox.api import discovery
from sandbox.api.call import Facade
from sandbox.api.errors import ApiError
from settings.model import Installation
from settings.problems import InvalidSettings
from tests.pipelines.dying import dying
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
    serving.deploy("1")
    serving.share({"1": 100})
    serving.deploy("2")
    serving.share({"1": 90, "2": 10})
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
        assert job["studySpec"]["algorithm"] == "GRID_SEARCH"
        (spec,) = job["studySpec"]["parameters"]
        for point in spec["categoricalValueSpec"]["values"]:
            assert main([*words, f"--{spec['parameterId']}={point}"]) == 0
            told = json.loads(file.read_text().splitlines()[-1])
            made.append({"state": "SUCCEEDED", "parameters": [{"parameterId": spec["parameterId"], "value": point}]})
            made[-1]["finalMeasurement"] = {"metrics": [{"metricId": "log_loss", "value": told["log_loss"]}]}
        silent = {"state": "INFEASIBLE", "parameters": made.pop()["parameters"]}
        return {"trials": [silent, *reversed(made)]}

    cloud.runners["tuning_job"] = trials
    points = tune.points(run.flow)[:3]
    found = tuning.OnGoogle(there, run.flow, run.name, arguments(run)).search(points, lambda _: 0.0)
    here = tuning.OnLaptop(there, run.flow, run.name, arguments(run))
    training = pd.read_parquet(run.path("read_features", "featured", "frame"))
    alike = here.search(points, lambda point: tune.trial(training, run.flow, point))
    assert found[:2] == alike[:2], "the same seed tries the same points in the same order, whoever runs the trials"
    assert found[2] == {"parameters": points[2], "value": None}


@pytest.mark.proves("I8b", defect="an evaluation that is imported twice")
def test_an_evaluation_is_imported_once_and_names_the_holdout(versions: registry.OnGoogle, google: Place) -> None:
    for _ in range(2):
        evaluation.OnGoogle(google).attach("1", EVALUATION, google.uri("one", "split", "holdout.parquet"))
    models = vertex_api.client(google, "ModelServiceClient")
    (kept,) = models.list_model_evaluations(parent=f"{google.parent}/models/churn@1")
    assert kept.metadata["evaluation_dataset_path"] == [google.uri("one", "split", "holdout.parquet")]
    assert kept.metrics["auRoc"] == EVALUATION["metrics"]["auc"]  # type: ignore[index]


@pytest.mark.proves("O13a", defect="a crown that somebody else has taken")
def test_canaries_are_concluded_and_taken_back_at_vertex_ai(versions: registry.OnGoogle, google: Place) -> None:
    serving = endpoints.OnGoogle(google, Run("one", google, {}).flow)
    good = {"requests": 500, "errors": 1, "minutes": 90, "champion": {"requests": 4500, "errors": 9}}
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
    assert [one.crowned for one in versions.versions()] == [True, False], "nobody goes back to what was gone back from"


def asked(google: Place, cloud: Facade, *, times: int, failing: str = "") -> None:
    """The version on trial and the champion are asked so often at least; one of them may fail, or both."""
    seen = []

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        seen.append(body["model"]["versionId"])
        if seen[-1] in failing:
            raise ApiError(500, "The model fails.")
        return {"predictions": [0.5]}

    cloud.runners["predict"] = answer
    client, name = vertex_api.client(google, "PredictionServiceClient"), f"{google.parent}/endpoints/{google.endpoint}"
    while min(seen.count("1"), seen.count("2")) < times:
        with suppress(InternalServerError):
            client.predict(endpoint=name, instances=[{}], retry=None)


@pytest.fixture
def trial(versions: registry.OnGoogle, google: Place, cloud: Facade) -> endpoints.OnGoogle:
    """An endpoint whose second version has been on trial for two hours, with half of the traffic."""
    enabled = {"project": "p1", "service": "monitoring.googleapis.com", "id": "p1/monitoring.googleapis.com"}
    cloud.store.put("google_project_service", enabled["id"], enabled)
    serving = endpoints.OnGoogle(google, Run("one", google, {}).flow)
    serving.share({"1": 50, "2": 50})
    api, name = discovery.api("aiplatform", "v1"), f"{google.parent}/endpoints/{google.endpoint}"
    held = cloud.resources.existing(api, name)
    begun = f"{datetime.now(UTC) - timedelta(hours=2):%FT%TZ}"
    aged = [one | {"createTime": begun} for one in held["deployedModels"]]
    cloud.resources.replace(api, name, held | {"deployedModels": aged})
    return serving


@pytest.mark.proves("O13a", defect="a version on trial whose predictions fail")
def test_a_version_that_fails_on_its_endpoint_is_taken_back_though_nobody_tells_so(
    trial: endpoints.OnGoogle, google: Place, cloud: Facade
) -> None:
    asked(google, cloud, times=9, failing="2")
    assert conclude(google)["decision"] == "wait", "nine of either are no proof"
    asked(google, cloud, times=11, failing="2")
    done = conclude(google)
    assert (done["decision"], done["observed"]["errors"]) == ("roll back", done["observed"]["requests"])
    assert (done["observed"]["champion"]["requests"] >= 20, done["observed"]["champion"]["errors"]) == (True, 0)
    assert trial.traffic() == {"1": 100}


def test_a_version_that_answers_is_crowned_once_it_has_answered_enough_and_the_champions_errors_are_not_its_own(
    trial: endpoints.OnGoogle, google: Place, cloud: Facade
) -> None:
    nothing = {"requests": 0, "errors": 0}
    first = conclude(google)["observed"]
    assert first.pop("minutes") >= 120
    assert first == nothing | {"champion": nothing}
    asked(google, cloud, times=25, failing="12")
    assert (conclude(google)["decision"], trial.traffic()) == ("wait", {"1": 50, "2": 50}), "both fail alike"
    asked(google, cloud, times=150, failing="1")
    done = conclude(google)
    assert done["observed"]["errors"] < done["observed"]["champion"]["errors"]
    assert (done["decision"], trial.traffic()) == ("widen", {"2": 100})


def test_who_may_not_read_metrics_concludes_nothing(
    trial: endpoints.OnGoogle, google: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = datetime.now(UTC) - timedelta(hours=1)
    monkeypatch.setenv(redirect.PRINCIPAL, "user:eve@example.com")
    with pytest.raises(Forbidden, match=r"monitoring\.timeSeries\.list"):
        answers.counted(google, "1", began)


@pytest.mark.proves("A5c", defect="a crown for a version that has retired")
def test_model_registry_shows_a_retired_version_and_crowns_it_no_more(
    versions: registry.OnGoogle, google: Place
) -> None:
    before = models(google)
    assert [(one["state"], one["traffic"]) for one in before] == [("champion", 90), ("candidate", 10)]
    endpoints.OnGoogle(google, Run("one", google, {}).flow).share({"1": 100})
    for word in ("2026-11-26 by dora@example.com: it is old", "2026-11-27 by somebody: never mind"):
        versions.retire("2", word)
    first, second = models(google)
    assert (first["state"], second["state"], second["aliases"]) == ("champion", "retired", [])
    assert second["retired"] == "2026-11-26 by dora@example.com: it is old"
    assert second["digest"] == before[1]["digest"]
    kept = vertex_api.client(google, "ModelServiceClient").get_model(name=f"{google.parent}/models/churn@2")
    assert kept.labels["state"] == "retired"
    assert not versions.crown("2", "1")
    with pytest.raises(OperationFailed, match="no version before this one"):
        rollback(google)


@pytest.mark.proves("D5", defect="a run that died after its gate had passed")
def test_what_a_run_showed_is_asked_of_vertex_ai_where_there_is_no_other_record(
    versions: registry.OnGoogle, google: Place
) -> None:
    google = google.model_copy(update={"key": ""})
    boards = vertex_api.client(google, "TensorboardServiceClient")
    boards.create_tensorboard(parent=google.parent, tensorboard={"display_name": google.tensorboard}).result()
    here = experiments.OnGoogle(google.model_copy(update={"tensorboard": tensorboard(google)}))
    for run, verdict in (("one", "PASS"), ("noise", "FAIL")):
        facts = {"data": "d", "commit": "c0ffee", "verdict": verdict, "model": "m"}
        here.log(run, {"seed": 1}, {"auc": 0.8}, facts, ended=verdict == "FAIL")
    with pytest.raises(OperationFailed, match=r"run one: the run did not pass \(unfinished, PASS\)"):
        evidence(google, "one")
    here.end("one")
    found = evidence(google, "one")
    assert (found["commit"], found["version"]) == ("c0ffee", {"version": "1", "digest": "m"})
    with pytest.raises(OperationFailed, match=r"run noise: the run did not pass \(done, FAIL\)"):
        evidence(google, "noise")
    with pytest.raises(InvalidSettings, match="no run is called 'ones'; did you mean 'one'"):
        evidence(google, "ones")


def watched(google: Place) -> dict[str, str]:
    """Which version the one monitoring job of an endpoint holds against which training set."""
    jobs, found = vertex_api.client(google, "JobServiceClient"), vertex_api.client(google, "EndpointServiceClient")
    (job,) = jobs.list_model_deployment_monitoring_jobs(parent=google.parent)
    deployed = found.get_endpoint(name=job.endpoint).deployed_models
    versions = {one.id: endpoints.version_of(one) for one in deployed}
    configs = {one.deployed_model_id: one.objective_config for one in job.model_deployment_monitoring_objective_configs}
    uris = {versions[id_]: it.training_dataset.gcs_source.uris[0] for id_, it in configs.items() if id_ in versions}
    bucket = storage.Client("p1").bucket(google.bucket)
    text = {it: bucket.blob(uri.split("/", 3)[-1]).download_as_text() for it, uri in uris.items()}
    return {version: rows.split()[-1] for version, rows in text.items()}


@pytest.mark.proves("O14a", defect="a second job for a second version, and a champion that its canary displaces")
def test_every_version_that_serves_is_watched_by_one_job_against_its_own_training_set(
    versions: registry.OnGoogle, google: Place, cloud: Facade
) -> None:
    flow = Run("one", google, {}).flow
    bucket = {"name": google.bucket, "project": "p1", "location": "EUROPE-WEST1"}
    cloud.store.put("google_storage_bucket", google.bucket, bucket)
    monitor, frame = monitoring.OnGoogle(google, flow), pd.DataFrame({flow.inputs[0]: [0]})
    assert monitor.again("1") is None, "it was never watched"
    names = {monitor.watch(version, frame + int(version)) for version in ("1", "2")}
    assert (len(names), watched(google)) == (1, {"2": "2", "1": "1"})
    assert versions.crown("2", "1")
    endpoints.OnGoogle(google, flow).share({"2": 100})
    assert watched(google) == {"2": "2"}
    assert rollback(google)["to"] == {"1": 100}
    assert watched(google) == {"1": "1"}, "one goes back to a version that is watched again"
    with pytest.raises(Refused, match="version 2 answers nobody any more"):
        monitor.watch("2", frame)


def serve_features(place: Place, *names: str) -> None:
    """What the estate gives a team: its table as a group with features, and an online store with a view of them."""
    columns = [bigquery.SchemaField("entity_id", "STRING"), bigquery.SchemaField("feature_timestamp", "TIMESTAMP")]
    bigquery.Client(project=place.project).create_table(bigquery.Table(place.features, columns))
    registered = vertex_api.client(place, "FeatureRegistryServiceClient")
    source = {"big_query_source": {"input_uri": f"bq://{place.features}"}, "entity_id_columns": ["entity_id"]}
    group = {"feature_group": {"big_query": source}, "feature_group_id": place.feature_store}
    registered.create_feature_group(request={"parent": place.parent} | group).result()
    admin = vertex_api.client(place, "FeatureOnlineStoreAdminServiceClient")
    store = {"bigtable": {"auto_scaling": {"min_node_count": 1, "max_node_count": 1}}}
    asked = {"feature_online_store": store, "feature_online_store_id": place.feature_store}
    made = admin.create_feature_online_store(request={"parent": place.parent} | asked).result()
    view = {"feature_groups": [{"feature_group_id": place.feature_store, "feature_ids": names}]}
    asked = {"feature_view": {"feature_registry_source": view}, "feature_view_id": place.feature_store}
    admin.create_feature_view(request={"parent": made.name} | asked).result()


@pytest.mark.proves("O7", defect="rows after the cut-off")
def test_rows_and_features_are_read_from_bigquery(google: Place, cloud: Facade) -> None:
    client = bigquery.Client(project="p1")
    google = google.model_copy(update={"features": "p1.features.features", "feature_store": "churn"})
    for name in (google.source_dataset, google.dataset, "features"):
        client.create_dataset(name)
    serve_features(google, "calls")
    rows = pd.DataFrame({"id": ["a", "b"], "month": pd.to_datetime(["2026-01-01", "2026-02-01"])})
    client.load_table_from_dataframe(rows, f"p1.{google.source_dataset}.contracts").result()
    sql = f"SELECT id FROM `p1.{google.source_dataset}.contracts` WHERE month < @until"
    found = warehouse.OnGoogle(google).rows(sql, {"until": "2026-01-15"}, f"p1.{google.dataset}.source")
    assert found["id"].tolist() == ["a"]
    assert [row["id"] for row in client.list_rows(f"p1.{google.dataset}.source")] == ["a"]
    with pytest.raises(InvalidSettings, match=r"source: .*country.*; ask the owner what changed"):
        warehouse.OnGoogle(google).rows(sql.replace("id", "country"), {"until": "2026-01-15"}, "p1.features.source")
    store = features.OnGoogle(google)
    kept = pd.DataFrame({"entity_id": ["a", "b"], "feature_timestamp": rows["month"], "calls": [1, 2]})
    assert store.write(kept) == store.write(kept) == "bq://p1.features.features"
    assert store.read(["b"])["calls"].tolist() == [2]
    assert store.online("b") == {"calls": 2}, "what is written is served"
    with pytest.raises(LookupError, match="no features of entity 'nobody'"):
        store.online("nobody")
    store.write(kept.assign(calls=[1, 3], visits=[5, 6]))
    assert store.read(["b"]).to_dict("list") == {
        "entity_id": ["b"],
        "feature_timestamp": [rows["month"][1]],
        "calls": [3],
        "visits": [6],
    }


def test_two_runs_at_once_read_nothing_of_each_other_and_leave_tables_that_go_by_themselves(
    google: Place, cloud: Facade, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = bigquery.Client(project="p1")
    google = google.model_copy(update={"features": "p1.features.features", "feature_store": "churn"})
    for name in (google.source_dataset, google.dataset, "features"):
        client.create_dataset(name)
    serve_features(google, "calls")
    rows = pd.DataFrame({"id": ["a", "b"], "month": pd.to_datetime(["2026-01-01", "2026-02-01"])})
    client.load_table_from_dataframe(rows, f"p1.{google.source_dataset}.contracts").result()
    sql = f"SELECT id FROM `p1.{google.source_dataset}.contracts` WHERE month < @until"
    place, store = google.model_copy(update={"source_project": "p1"}), warehouse.OnGoogle(google)
    for run, until in (("run-1", "2026-01-15"), ("run-2", "2026-03-01")):
        transfer.run(flow=flow.chosen({"until": until}), place=place, warehouse=store, sql=sql, run=run)
    kept = {table.table_id: client.get_table(table) for table in client.list_tables(google.dataset)}
    assert {name: table.num_rows for name, table in kept.items()} == {"source_run_1": 1, "source_run_2": 2}
    assert all(table.expires for table in kept.values())
    query = bigquery.Client.query

    def meanwhile(self: bigquery.Client, asked: str, *given: Any, **options: Any) -> Any:
        """Between what a run has loaded and what it takes over, the other one does both."""
        if asked.startswith("MERGE"):
            monkeypatch.setattr(bigquery.Client, "query", query)
            features.at(google, "run-2").write(written.assign(entity_id="b", calls=2))
        return query(self, asked, *given, **options)

    written = pd.DataFrame({"entity_id": ["a"], "feature_timestamp": rows["month"][:1], "calls": [1]})
    monkeypatch.setattr(bigquery.Client, "query", meanwhile)
    features.at(google, "run-1").write(written)
    found = features.OnGoogle(google).read(["a", "b"])
    assert dict(zip(found["entity_id"], found["calls"], strict=True)) == {"a": 1, "b": 2}
    assert [table.table_id for table in client.list_tables("features")] == ["features"]


def test_a_row_that_stands_twice_is_written_once(google: Place, cloud: Facade) -> None:
    google = google.model_copy(update={"features": "p1.features.features", "feature_store": "churn"})
    flow = Run("one", google, {}).flow
    bigquery.Client(project="p1").create_dataset("features")
    serve_features(google, *flow.inputs)
    row = {"customer_id": "a", "month": pd.Timestamp("2026-01-01"), "country": "DE", "tenure_months": 3}
    row |= {"monthly_charges": 9.5, "support_calls": 1, "calls_per_year": 4.0}
    twice, store = pd.DataFrame([row, row | {"support_calls": 2}]), features.OnGoogle(google)
    for _ in range(2):
        written = write_features.run(prepared=twice, validation={"rows": 2}, flow=flow, store=store).written
        assert written["rows"] == 1
        assert store.online("a")["support_calls"] == 1, "the first, as training has it"
    named = twice.rename(columns={"customer_id": features.ENTITY, "month": features.TIME})
    with pytest.raises(BadRequest, match="at most one source row"):
        store.write(named)


@pytest.mark.proves("O13b", defect="a job that scores fewer rows than it was given")
def test_a_batch_prediction_reads_a_table_and_gives_a_score_for_each_row(
    versions: registry.OnGoogle, google: Place, cloud: Facade
) -> None:
    client = bigquery.Client(project="p1")
    client.create_dataset(google.dataset)

    def runner(job: dict[str, Any]) -> dict[str, Any]:
        assert job["model"].endswith("/models/churn@1")
        read = job["inputConfig"]["bigquerySource"]["inputUri"].removeprefix("bq://")
        assert read == f"p1.{google.dataset}.prepared_one" and client.get_table(read).expires
        rows = client.list_rows(read).to_arrow().to_pandas()
        client.load_table_from_dataframe(rows.assign(prediction=0.5), f"p1.{google.dataset}.answers").result()
        return {"outputInfo": {"bigqueryOutputTable": "answers"}}

    cloud.runners["batch_prediction"] = runner
    flow = Run("one", google, {}).flow
    scored = batch_prediction.OnGoogle(google, flow).score("1", "one", pd.DataFrame({"a": [1, 2]}), None)  # type: ignore[arg-type]
    assert scored["score"].tolist() == [0.5, 0.5]


def test_one_promotion_at_a_time_at_google(google: Place, cloud: Facade, flow: Flow) -> None:
    storage.Client(project="p1").create_bucket(google.bucket)
    for _ in range(2):
        first, second = (turn.OnGoogle(google, flow, run).taken() for run in ("one", "two"))
        with first, pytest.raises(Refused, match="another one is going on"), second:
            pass


def test_a_turn_that_a_dead_run_has_left_goes_to_the_same_run_and_to_any_other_when_no_job_lasts_so_long(
    google: Place, cloud: Facade, flow: Flow
) -> None:
    storage.Client(project="p1").create_bucket(google.bucket)
    late = flow.model_copy(update={"jobs": flow.jobs.model_copy(update={"timeout_minutes": 0})})

    def taken(run: str, of: Flow = flow) -> AbstractContextManager[None]:
        return turn.OnGoogle(google, of, run).taken()

    for run, of in (("one", flow), ("two", late)):
        with dying(1), taken("one"):
            raise AssertionError("is dead")
        with pytest.raises(Refused, match="wait for its end, 1:00:00 at most"), taken("two"):
            pass
        with taken(run, of):
            pass
    with ExitStack() as overtaking:
        with taken("one"):
            overtaking.enter_context(taken("two", late))
        with pytest.raises(Refused), taken("three"):
            pass


@pytest.mark.proves("O13a", defect="a version that is deployed twice, and one that is not deployed any more")
def test_a_version_that_was_deployed_twice_is_there_once_when_the_traffic_is_divided(
    versions: registry.OnGoogle, google: Place, flow: Flow
) -> None:
    serving, api = endpoints.OnGoogle(google, flow), vertex_api.client(google, "EndpointServiceClient")
    name = f"{google.parent}/endpoints/{google.endpoint}"
    (older,) = [one.id for one in api.get_endpoint(name=name).deployed_models if endpoints.version_of(one) == "2"]
    api.deploy_model(endpoint=name, deployed_model=endpoints.request(google, flow, "2")).result()
    assert serving.traffic() == {"1": 90, "2": 10}, "nobody is sent to what is only deployed"
    serving.share({"2": 100})
    assert [one.id for one in api.get_endpoint(name=name).deployed_models] == [older]
    with pytest.raises(Refused, match="version 1 is not deployed any more"):
        serving.share({"1": 50, "2": 50})
    serving.deploy("1")
    serving.tidy()
    assert len(api.get_endpoint(name=name).deployed_models) == 2, "what was just deployed may be about to get traffic"


def test_what_somebody_has_sent_people_to_meanwhile_is_not_undeployed(
    versions: registry.OnGoogle, google: Place, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = endpoints.OnGoogle(google, flow)
    undeploy = serving._undeploy

    def late(ids: Iterable[str]) -> None:
        monkeypatch.setattr(serving, "_undeploy", undeploy)
        serving.share({"1": 100})
        undeploy(ids)

    monkeypatch.setattr(serving, "_undeploy", late)
    serving.share({"2": 100})
    assert serving.traffic() == {"1": 100}


def test_every_adapter_is_tried_against_the_api() -> None:
    """A service that nobody has tried against Google's client is found by its file."""
    room = Path(features.__file__).parent
    tried = Path(__file__).read_text() + Path(__file__).with_name("test_services.py").read_text()
    for path in room.glob("*.py"):
        if "class OnGoogle" in path.read_text():
            assert f"{path.stem}.OnGoogle(" in tried or f"{path.stem}.at(" in tried, path.name
    assert aiplatform_v1
