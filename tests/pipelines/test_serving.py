"""Online serving: the contract of Vertex AI's containers, answered by the registered model."""

from __future__ import annotations

import pandas as pd
import pytest
from starlette.testclient import TestClient

from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.serve import application
from pipelines.services import features, registry
from tests.pipelines.rows import done


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


def test_what_cannot_be_answered_is_told(place: Place, flow: Flow) -> None:
    done(place)
    champion = registry.at(place).champion()
    assert champion
    client = TestClient(application(champion.model(), flow, features.at(place)))
    for body, told in (
        ({"instances": [{"country": "DE"}]}, "instances[0]: has no 'tenure_months'"),
        ({"instances": [{"customer_id": "nobody"}]}, "no features of entity 'nobody'"),
        ({"rows": []}, "has no 'instances'"),
    ):
        answer = client.post("/predict", json=body)
        assert answer.status_code == 400
        assert told in answer.json()["error"]
