"""Each deployer holds what its template needs and nothing else: without any one of its grants a launch is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog_templates.template import find, keys
from operations.catalog_desk import Desk
from operations.catalog_launching import launch
from operations.catalog_order import Order
from operations.outcome import OperationFailed
from sandbox.store import Store
from tests.catalog.shop import ANA, order, shop

HOME = "acme-int-churn-k7q2"
TABLE = f"projects/{HOME}/datasets/data_prepared/tables/customers"
GRANTS = ("google_project_iam_member", "google_storage_bucket_iam_member", "google_service_account_iam_member")


@pytest.fixture(scope="module")
def opened(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Store]]:
    with shop(deployed, tmp_path_factory.mktemp("deployers")) as (desk, store):
        launch(desk, order(name="handbook"))  # the bucket with the vectors of the vector search
        store.put("google_bigquery_table", TABLE, {"id": TABLE})
        yield desk, store


def held(store: Store, key: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Every grant of a template's deployer."""
    member = f"serviceAccount:launch-{key.replace('_', '-')}@{HOME}.iam.gserviceaccount.com"
    return [(type_, id_, it) for type_ in GRANTS for id_, it in store.find(type_) if it["member"] == member]


@pytest.mark.proves("I1b", defect="each grant of each deployer in turn is taken away")
@pytest.mark.parametrize("key", keys())
def test_a_deployer_without_any_one_of_its_grants_makes_nothing(opened: tuple[Desk, Store], key: str) -> None:
    desk, store = opened
    template, grants = find(key), held(store, key)
    assert {it["role"] for _, _, it in grants} >= set(template.manifest.deployer.roles)
    wanted = [json.loads(file.read_text()) for file in template.examples]
    choices = [{name: it[name] for name in it.keys() & template.choices.keys()} for it in wanted]
    before, unmissed = store.count(), []
    for type_, id_, grant in grants:
        store.delete(type_, id_)
        told = [refusal(desk, Order(key, "churn", ANA, given)) for given in choices]
        store.put(type_, id_, grant)
        unmissed += [] if any(told) else [f"{grant['role']} on {id_}"]
        assert store.count() == before, (id_, told)
    assert unmissed == []


def refusal(desk: Desk, wanted: Order) -> str:
    """Why a launch was refused; empty where it was not, and then what it made is taken down."""
    from operations.catalog_launching import delete

    try:
        made = launch(desk, wanted)
    except OperationFailed as error:
        assert "needs " in str(error) or "denied" in str(error), error
        assert "nothing remains" in str(error) or "denied" in str(error), error
        return str(error)
    delete(desk, Order(wanted.template, "churn", ANA, {}), made.name)
    return ""
