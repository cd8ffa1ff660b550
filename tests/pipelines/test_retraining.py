"""A champion that sees other data than it was trained on is trained anew: once, before people, and never promoted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from google.api_core.exceptions import Forbidden

import tests.pipelines.test_adapters as adapters
from operations.outcome import Exit, OperationFailed
from operations.pipeline_retraining import Retraining, _Kept, retrain
from operations.pipeline_runs import records, start
from operations.pipeline_submit import tensorboard
from operations.pipeline_versions import bucket_of, publish
from pipelines.execute import Run
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services import endpoints, experiments, monitoring, registry, vertex_api
from sandbox import redirect
from sandbox.api.call import Facade
from settings.model import Installation
from settings.problems import InvalidSettings
from tests.pipelines import api
from tests.pipelines.rows import contracts, place_at, with_source

cloud, there, google = adapters.cloud, adapters.there, adapters.google
versions = adapters.versions
COMMIT = "0123456789ab" + 28 * "0"
CHOSEN = {"seed": 3, "iterations": 50}


@pytest.fixture
def rehearsal(installation: Installation, cloud: Facade, tmp_path: Path) -> Place:
    """Nonproduction, where the champion's run has been, and its definitions are."""
    place = place_at(installation, tmp_path / "rehearsal")
    api.furnish(cloud.store, place)
    start(Run("one", place, CHOSEN, COMMIT), "inprocess", lambda *_: None, by="ada@example.com")
    publish(place, "vertex", COMMIT)
    return place


@pytest.fixture
def production(versions: registry.OnGoogle, google: Place, cloud: Facade, flow: Flow) -> Place:
    """Production, whose champion is the model of that run, watched with every request."""
    bucket = {"name": google.bucket, "project": "p1", "location": "EUROPE-WEST1"}
    cloud.store.put("google_storage_bucket", google.bucket, bucket)
    agent = f"serviceAccount:service-{cloud.store.number('project', 'p1')}@gcp-sa-aiplatform.iam.gserviceaccount.com"
    grant = {"bucket": google.bucket, "role": "roles/storage.objectViewer", "member": agent}
    cloud.store.put("google_storage_bucket_iam_member", f"{google.bucket}/agent", grant)
    everything = flow.model_copy(update={"monitoring": flow.monitoring.model_copy(update={"sample": 1.0})})
    endpoints.OnGoogle(google, flow).share({"1": 100})
    monitoring.OnGoogle(google, everything).watch("1", contracts())
    cloud.runners["predict"] = lambda asked: {"predictions": [0.5 for _ in asked["instances"]]}
    return google


def asks(production: Place, flow: Flow, rows: pd.DataFrame) -> None:
    """Customers ask the endpoint."""
    client, name = vertex_api.client(production, "PredictionServiceClient"), production.endpoint
    instances = json.loads(rows[flow.features].to_json(orient="records"))
    client.predict(endpoint=f"{production.parent}/endpoints/{name}", instances=instances)


def dearer(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(monthly_charges=rows.monthly_charges * 3)


def anew(production: Place, rehearsal: Place, **more: Any) -> str:
    return retrain(production, rehearsal, lambda *_: None, by="builder", **more).says


def begun(place: Place) -> list[str]:
    return sorted(one["run"] for one in records(place) if one["run"].startswith("retrain-"))


def kept(place: Place) -> dict[str, Retraining]:
    blobs = bucket_of(place).list_blobs(prefix="retrainings/")
    return {blob.name: Retraining.model_validate_json(blob.download_as_bytes()) for blob in blobs}


def keep(place: Place, entry: Retraining) -> None:
    bucket_of(place).blob(f"retrainings/{entry.version}.json").upload_from_string(entry.model_dump_json())


@pytest.mark.proves("O14b", defect="a feature that has moved, asked about twice")
def test_a_champion_that_has_moved_is_trained_anew_once_with_its_own_parameters_on_new_data(
    production: Place, rehearsal: Place, flow: Flow
) -> None:
    asks(production, flow, dearer(contracts()))
    assert "would be started with" in anew(production, rehearsal, dry_run=True)
    assert (begun(rehearsal), kept(rehearsal)) == ([], {})
    said = anew(production, rehearsal)
    (run,) = begun(rehearsal)
    (record,) = [one for one in records(rehearsal) if one["run"] == run]
    entry = kept(rehearsal)["retrainings/1.json"]
    assert datetime.now(UTC) - entry.started < timedelta(days=1)
    until = {"until": f"{entry.started:%Y-%m-%d}"}
    assert record["parameters"] == flow.chosen(CHOSEN | until).parameters.model_dump()
    assert (record["commit"], record["orchestrator"], record["by"]) == (COMMIT, "vertex", "builder")
    assert (entry.version, entry.run, entry.outcome) == ("1", run, record["verdict"])
    (why,) = entry.why
    assert (why["feature"], why["kind"], why["threshold"]) == ("monthly_charges", "skew", flow.monitoring.skew)
    assert why["distance"] > flow.monitoring.skew
    assert f"monthly_charges: skew {why['distance']:.3f}, threshold {flow.monitoring.skew:g}" in said
    assert registry.at(production).champion().version == "1", "nothing is promoted"  # type: ignore[union-attr]
    again = anew(production, rehearsal)
    assert f"it was trained anew by run {run} ({entry.outcome}); not again before" in again
    assert begun(rehearsal) == [run]


@pytest.mark.proves("O14b", defect="a run under way, one of another version, and one of a month ago")
def test_nothing_is_begun_while_one_is_under_way_nor_before_the_flows_time_is_over(
    production: Place, rehearsal: Place, flow: Flow
) -> None:
    asks(production, flow, dearer(contracts()))

    def entry(days: int, version: str = "1", outcome: str = "FAIL") -> Retraining:
        moment = datetime.now(UTC) - timedelta(days=days)
        return Retraining(version=version, run="old", why=[], started=moment, outcome=outcome)

    window = flow.monitoring.train_anew_after_days
    for one, said in (
        (entry(window - 1), "it was trained anew by run old (FAIL); not again before"),
        (entry(window - 1, outcome=""), "run old is under way since"),
        (entry(window), "would be started"),
        (entry(window, outcome=""), "would be started"),
        (entry(1, version="7"), "would be started"),
        (entry(1, version="7", outcome=""), "run old is under way since"),
    ):
        keep(rehearsal, one)
        assert said in anew(production, rehearsal, dry_run=True), one
        bucket_of(rehearsal).blob(f"retrainings/{one.version}.json").delete()
    bucket_of(rehearsal).blob("retrainings/2.json").upload_from_string('{"version": 2}')
    with pytest.raises(OperationFailed, match=r"retrainings/2\.json: is no record of a retraining"):
        anew(production, rehearsal)
    first, second = _Kept(rehearsal, "1"), _Kept(rehearsal, "1")
    first.begin(entry(0))
    with pytest.raises(OperationFailed, match="another one has just begun"):
        second.begin(entry(0))
    assert begun(rehearsal) == []


@pytest.mark.proves("O14b", defect="an endpoint that nobody has asked, which is not the same as nothing has moved")
def test_only_what_was_looked_at_has_not_moved(production: Place, rehearsal: Place, flow: Flow) -> None:
    with pytest.raises(OperationFailed, match="INCONCLUSIVE: nothing was looked at of country, monthly") as found:
        anew(production, rehearsal)
    assert found.value.code == Exit.INCONCLUSIVE
    narrow = flow.model_copy(update={"features": [name for name in flow.features if name != "country"]})
    asks(production, narrow, contracts())
    with pytest.raises(OperationFailed, match="INCONCLUSIVE: nothing was looked at of country; wait for"):
        anew(production, rehearsal)
    asks(production, flow, contracts())
    assert anew(production, rehearsal) == "version 1: nothing has moved"
    assert (begun(rehearsal), kept(rehearsal)) == ([], {})


def test_what_the_champion_was_made_with_is_asked_of_vertex_ai_where_there_is_no_other_record(
    production: Place, flow: Flow, cloud: Facade
) -> None:
    asks(production, flow, dearer(contracts()))
    bucket = {"name": production.definitions, "project": "p1", "location": "EUROPE-WEST1"}
    cloud.store.put("google_storage_bucket", production.definitions, bucket)
    publish(production, "vertex", COMMIT)
    boards = vertex_api.client(production, "TensorboardServiceClient")
    boards.create_tensorboard(parent=production.parent, tensorboard={"display_name": production.tensorboard}).result()
    there = production.model_copy(update={"key": ""})
    here = experiments.OnGoogle(there.model_copy(update={"tensorboard": tensorboard(there)}))
    facts = {"data": "d", "commit": COMMIT, "verdict": "PASS", "model": "m"}
    here.log("other", CHOSEN, {"auc": 0.8}, facts)
    with pytest.raises(InvalidSettings, match="no run is called 'one'"):
        anew(production, there, dry_run=True)
    here.log("one", CHOSEN, {"auc": 0.8}, facts)
    assert '{"seed": 3, "iterations": 50, "until"' in anew(production, there, dry_run=True)


def test_a_champion_that_nobody_watches_or_that_is_not_there_is_an_error(
    production: Place, rehearsal: Place, versions: registry.OnGoogle, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks(production, flow, dearer(contracts()))
    serving = endpoints.OnGoogle(production, flow)
    serving.deploy("2")
    serving.share({"2": 100})
    assert versions.crown("2", "1")
    with pytest.raises(OperationFailed, match="version 2 in p1: is not watched by a monitoring job") as found:
        anew(production, rehearsal)
    assert found.value.code == Exit.FAILURE
    with pytest.raises(OperationFailed, match="has no champion; release a version first"):
        anew(production.model_copy(update={"region": "europe-west3"}), rehearsal)
    monkeypatch.setenv(redirect.PRINCIPAL, "user:eve@example.com")
    with pytest.raises(Forbidden):
        anew(production, rehearsal)
    assert kept_by_operator(rehearsal, monkeypatch) == {}


def kept_by_operator(place: Place, monkeypatch: pytest.MonkeyPatch) -> dict[str, Retraining]:
    monkeypatch.setenv(redirect.PRINCIPAL, redirect.OPERATOR)
    return kept(place)


@pytest.mark.proves("O14b", defect="a source that is empty when it is trained anew")
def test_a_run_that_dies_is_written_down_and_not_tried_again_every_day(
    production: Place, rehearsal: Place, flow: Flow, tmp_path: Path
) -> None:
    asks(production, flow, dearer(contracts()))
    empty = with_source(rehearsal, contracts().head(0), tmp_path)
    with pytest.raises(InvalidSettings) as found:
        anew(production, empty)
    (entry,) = kept(rehearsal).values()
    assert entry.outcome == f"failed: {found.value}"
    assert f"trained anew by run {entry.run} (failed: " in anew(production, rehearsal)
    assert len(begun(rehearsal)) == 1
