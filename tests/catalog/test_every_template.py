"""Every template can really be ordered: each example becomes a deployment on the example estate, and goes again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog_templates.template import find, keys
from operations.catalog_desk import Desk
from operations.catalog_launching import delete, launch, preview_of_update
from operations.catalog_order import Order
from sandbox.iam.decision import decide
from sandbox.iam.places import about
from sandbox.store import Store
from tests.catalog.shop import ANA, order, shop

ADA, EVE = "ada@example.com", "eve@example.com"
PROJECT = "//cloudresourcemanager.googleapis.com/projects/acme-int-churn-k7q2"
TABLE = "projects/acme-int-churn-k7q2/datasets/data_prepared/tables/customers"

# What people order each template for: the project's rights or those that the order brings have to let them.
WORK = {
    "artifact_repository": ["artifactregistry.repositories.uploadArtifacts"],
    "bigquery_dataset": ["bigquery.tables.updateData"],
    "bucket": ["storage.objects.create"],
    "composer": ["storage.objects.create", "composer.environments.get", "composer.dags.execute"],
    "feature_store": ["aiplatform.featureViews.fetchFeatureValues"],
    "guardrail": ["modelarmor.templates.useToSanitizeUserPrompt", "modelarmor.templates.useToSanitizeModelResponse"],
    "metadata_store": ["aiplatform.contexts.create"],
    "model_endpoint": ["aiplatform.endpoints.predict", "bigquery.tables.getData"],
    "model_garden_endpoint": ["aiplatform.endpoints.predict"],
    "pubsub_topic": ["pubsub.topics.publish", "pubsub.subscriptions.consume"],
    "rag_corpus_store": ["storage.objects.create"],
    "secret": ["secretmanager.versions.add", "pubsub.subscriptions.consume"],
    "tensorboard": ["aiplatform.tensorboardRuns.create"],
    "vector_search": ["aiplatform.indexEndpoints.queryVectors"],
    "workbench": ["notebooks.instances.start", "notebooks.instances.get"],
}


@pytest.fixture(scope="module")
def opened(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Store]]:
    with shop(deployed, tmp_path_factory.mktemp("every")) as (desk, store):
        # The bucket with the vectors of the vector search.
        launch(desk, order(name="handbook"))
        yield desk, store


@pytest.mark.parametrize("key", keys())
def test_an_example_becomes_a_deployment_and_leaves_nothing(opened: tuple[Desk, Store], key: str) -> None:
    desk, store = opened
    template = find(key)
    example = json.loads(template.examples[0].read_text())
    choices = {name: value for name, value in example.items() if name in template.choices}
    if key == "feature_store":  # the table that it registers
        store.put("google_bigquery_table", TABLE, {"id": TABLE})
    before, known = store.count(), {id_ for _, id_, _ in store.everything()}
    made = launch(desk, Order(key, "churn", ANA, choices))
    assert made.state == "ACTIVE"
    places = [PROJECT, *(about(t, it) for t, id_, it in store.everything() if "_iam_member" in t and id_ not in known)]
    for permission in WORK[key]:
        may = [any(decide(store, f"user:{who}", permission, place).allowed for place in places) for who in (ADA, EVE)]
        assert may == [True, False], permission
    assert made.resources
    assert set(made.outputs) == set(template.outputs)
    again = preview_of_update(desk, Order(key, "churn", ANA, {}), made.name, None)
    assert [line for line in again if not line.startswith("unchanged ")] == []
    delete(desk, Order(key, "churn", ANA, {}), made.name)
    assert store.count() == before
    store.delete("google_bigquery_table", TABLE)
