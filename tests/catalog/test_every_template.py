"""Every template can really be ordered: each example becomes a deployment on the example estate, and goes again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog_templates.template import find, keys
from operations.catalog_desk import Desk
from operations.catalog_orders import Order, delete, launch
from sandbox.store import Store
from tests.catalog.shop import ANA, order, shop

TABLE = "projects/acme-int-churn-k7q2/datasets/data_prepared/tables/customers"


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
    before = store.count()
    made = launch(desk, Order(key, "churn", ANA, choices))
    assert made.state == "ACTIVE"
    assert made.resources
    assert set(made.outputs) == set(template.outputs)
    delete(desk, Order(key, "churn", ANA, {}), made.name)
    assert store.count() == before
    store.delete("google_bigquery_table", TABLE)
