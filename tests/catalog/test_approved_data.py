"""Approved source data comes into what the catalog made, by Google's clients, as the person to whom it was lent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.api_core.exceptions import Forbidden
from google.cloud.bigquery import Client as BigQuery
from google.cloud.storage import Client

from catalog_templates.template import find
from operations.builds.runner import credentials
from operations.catalog_desk import Desk
from operations.catalog_launching import launch
from operations.catalog_order import Person
from operations.copying import Copy, copy
from operations.lending import entitlement_of
from operations.outcome import Exit, OperationFailed
from sandbox.lending import Lender
from sandbox.store import Store
from tests.catalog.shop import order, shop
from tests.program import ROOT

BERT, ADA = "user:bert@example.com", "user:ada@example.com"
SETTINGS = ROOT / "settings"
SHOP = [find("bucket"), find("bigquery_dataset")]


@pytest.fixture(scope="module")
def opened(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Store]]:
    with shop(deployed, tmp_path_factory.mktemp("data"), *SHOP) as both:
        yield both


def lend(store: Store, source: str, person: str) -> None:
    """A request, and the owner's agreement."""
    lender, (entitlement, _) = Lender(store), entitlement_of(SETTINGS, source)
    grant = lender.request(entitlement, person, 3600, "For a trial.")
    lender.approve(grant.name, f"group:data-owner-{source}@example.com", "It is theirs to use.")


def brought(wanted: Copy, tmp_path: Path) -> list[str]:
    return copy(SETTINGS, tmp_path, "sandbox", wanted)


@pytest.mark.proves("I4a", "I4b", defect="a copy to which no owner has agreed")
def test_files_come_into_a_bucket_of_the_catalog_once_the_owner_agrees(
    opened: tuple[Desk, Store], tmp_path: Path
) -> None:
    desk, store = opened
    bert = Person("bert@example.com", "data_scientist", "assistant")
    made = launch(desk, replace(order(name="handbook"), team="assistant", person=bert))
    wanted = Copy("handbook", made.outputs["bucket"], BERT)
    with pytest.raises(OperationFailed, match="data request handbook") as refused:
        brought(wanted, tmp_path)
    assert refused.value.code == Exit.REFUSED
    lend(store, "handbook", BERT)
    assert f"{made.outputs['url']}/billing.md" in brought(wanted, tmp_path)
    client: Any = Client(project=made.project, credentials=credentials(BERT))
    bucket = client.bucket(made.outputs["bucket"])
    blob = bucket.blob("billing.md")
    assert blob.download_as_bytes() == (SETTINGS / "sources/examples/handbook/billing.md").read_bytes()
    blob.upload_from_string(b"shorter")
    assert blob.download_as_bytes() == b"shorter"
    blob.delete()
    assert not blob.exists()
    policy = bucket.get_blob("tariffs.md") and {"bindings": [{"role": "roles/storage.objectViewer", "members": [ADA]}]}
    with pytest.raises(Forbidden, match="setIamPolicy"):
        client._connection.api_request("PUT", f"/b/{bucket.name}/iam", data=policy)
    with pytest.raises(Forbidden):
        client.bucket("acme-dat-handbook-k7q2-files").blob("billing.md").upload_from_string(b"mine")


@pytest.mark.proves("I4a", defect="a copy by a team that does not use the source")
def test_tables_come_into_a_dataset_of_the_catalog_once_the_owner_agrees(
    opened: tuple[Desk, Store], tmp_path: Path
) -> None:
    desk, store = opened
    made = launch(desk, order("bigquery_dataset", name="prepared"))
    wanted = Copy("customers", made.outputs["address"], ADA)
    with pytest.raises(OperationFailed, match="data request customers"):
        brought(wanted, tmp_path)
    lend(store, "customers", ADA)
    (told,) = brought(wanted, tmp_path)
    lines = (SETTINGS / "sources/examples/contracts.csv").read_text().splitlines()[1:]
    theirs = [line for line in lines if set(line.split(",")) & {"DE", "FR", "NL", "ES", "IT"}]
    assert 0 < len(theirs) < len(lines)
    assert told == f"{made.outputs['address']}.customers_contracts: {len(theirs)} rows"
    client: Any = BigQuery(project=made.project, credentials=credentials(ADA))
    rows = list(client.list_rows(f"{made.outputs['address']}.customers_contracts"))
    assert len(rows) == len(theirs)
    assert {row["country"] for row in rows} == {"DE", "FR", "NL", "ES", "IT"}
    table = "projects/acme-int-churn-k7q2/datasets/data_prepared/tables/customers_contracts"
    assert store.has("google_bigquery_table", table)
    with pytest.raises(OperationFailed, match="data request handbook"):
        brought(Copy("handbook", made.outputs["address"], ADA), tmp_path)
