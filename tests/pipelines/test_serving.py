"""Online serving: the contract of Vertex AI's containers, answered by the registered model."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from google.cloud import storage
from sklearn.dummy import DummyClassifier
from starlette.testclient import TestClient

import tests.sandbox.api.conftest as sandbox_api
from pipelines.artifacts import Fitted, load
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.serve import application
from pipelines.services import features, registry
from pipelines.steps import transform
from sandbox import redirect
from sandbox.api.call import Facade
from sandbox.workloads.containers import Host
from sandbox.workloads.servers import started
from settings.model import Installation
from tests.pipelines.rows import done, place_at

cloud = sandbox_api.cloud


def test_a_registered_model_answers_by_features_and_by_entity_alike(place: Place, flow: Flow) -> None:
    run, _, _ = done(place)
    champion = registry.at(place).champion()
    assert champion
    client = TestClient(application(champion.model(), flow, features.at(place)))
    assert client.get("/health").status_code == 200
    row = pd.read_parquet(run.path("batch_predict", "predictions", "frame")).iloc[0]
    sent = {"tenure_months": 1, "monthly_charges": 1.0, "support_calls": 1, "country": "DE"}
    sent = {name: type(value)(row[name]) for name, value in sent.items()}
    answers = client.post("/predict", json={"instances": [sent, {"customer_id": row.customer_id}]}).json()
    assert answers["predictions"] == pytest.approx([row.score, row.score])


@pytest.mark.parametrize("technique", ["logistic", "boosting"])
def test_a_missing_value_is_the_same_to_a_server_as_in_training(technique: str, place: Place, flow: Flow) -> None:
    run, _, _ = done(place, technique=technique)
    model = load(Fitted, run.path("train", "model", "model"))
    rows = pd.read_parquet(run.path("split", "training", "frame")).head(4)
    for number, name in enumerate(flow.features):
        rows[name] = rows[name].mask(np.arange(len(rows)) == number)
    frame = transform.derived(rows, flow)
    sent = json.loads(rows[flow.features].to_json(orient="records"))
    answers = TestClient(application(model, flow, None)).post("/predict", json={"instances": sent}).json()
    assert answers["predictions"] == pytest.approx(list(model.predict(frame)))
    assert not np.isnan(model.matrix(frame)[:, len(flow.inputs) - 1 :]).any(), (
        "a missing text is none of the known ones"
    )


def test_what_cannot_be_answered_is_told(place: Place, flow: Flow) -> None:
    done(place)
    champion = registry.at(place).champion()
    assert champion
    client = TestClient(application(champion.model(), flow, features.at(place)))
    good = {"tenure_months": 1, "monthly_charges": "1.5", "support_calls": None, "country": "DE"}
    assert len(client.post("/predict", json={"instances": [good]}).json()["predictions"]) == 1
    for body, told in (
        ({"instances": [{"country": "DE"}]}, "instances[0]: has no 'tenure_months'"),
        ({"instances": [{"customer_id": "nobody"}]}, "no features of entity 'nobody'"),
        ({"rows": []}, "has no 'instances'"),
        ({"instances": [3]}, "instances[0]: is no object"),
        ({"instances": [good | {"country": 7}]}, "instances[0].country: 7 is no text"),
        ({"instances": [good, good | {"support_calls": "many"}]}, "instances[1].support_calls: 'many' is no integer"),
    ):
        answer = client.post("/predict", json=body)
        assert answer.status_code == 400
        assert told in answer.json()["error"]


def test_the_container_fetches_its_model_as_its_own_account(
    installation: Installation, tmp_path: Path, cloud: Facade, flow: Flow
) -> None:
    place = place_at(installation, tmp_path, project="p1").model_copy(update={"laptop": None, "feature_store": None})
    inputs, truth = [name for name in flow.features if name != "country"], [True, False, False, False]
    estimator = DummyClassifier(strategy="prior").fit(np.zeros((4, len(inputs))), truth)
    model = pickle.dumps(Fitted(inputs, {}, estimator))
    storage.Client(project="p1").create_bucket("models").blob("churn/model.pickle").upload_from_string(model)
    who = f"serviceAccount:{place.service_account}"
    around = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    host = Host(cloud.store, lambda principal, _: redirect.environment(cloud.endpoint, principal, base=around))
    asked = registry.request(place, "gs://models/churn/model.pickle", "d", "one", {})
    spec = {
        "imageUri": place.image,
        "command": asked["container_spec"]["command"],
        "env": asked["container_spec"]["env"],
    }
    served = {"name": f"{place.parent}/models/churn", "artifactUri": asked["artifact_uri"], "containerSpec": spec}
    grant = {"bucket": "models", "role": "roles/storage.objectViewer", "member": who, "condition": []}
    cloud.store.put("google_storage_bucket_iam_member", "models/viewer", grant)
    row = {"tenure_months": 1, "monthly_charges": 1.0, "support_calls": 1, "country": "DE"}
    with started(host, served, who) as server:
        assert server.predict({"instances": [row]}) == {"predictions": [0.25]}
