"""Source data as people meet it: examples are there, and what was lent may be copied into the team's own project."""

from __future__ import annotations

import os

import pytest
from google.api_core.exceptions import Forbidden
from google.cloud import bigquery, storage

from operations.access.words import Words
from operations.lending import entitlements
from sandbox import redirect
from sandbox.lending import Lender
from sandbox.store import Store
from settings.model import Installation
from tests.conftest import ROOT

ADA, OWNER = "user:ada@example.com", "group:data-owner-customers@example.com"
EXAMPLES = ROOT / "settings/sources/examples"
TABLE = "acme-dat-customers-k7q2.customers.contracts"
FEWEST = 300


def as_whom(principal: str) -> None:
    """From now on clients call as this principal."""
    os.environ[redirect.PRINCIPAL] = principal


def lacking(words: Words) -> list[str]:
    """Examples that the two example pipelines would look for in vain, each as the pipeline that reads it."""
    as_whom(words.who("production/churn/pipeline"))
    (counted,) = bigquery.Client(project="acme-prd-churn-k7q2").query(f"SELECT COUNT(*) AS n FROM `{TABLE}`").result()
    found = [] if counted["n"] >= FEWEST else ["contracts"]
    as_whom(words.who("production/assistant/pipeline"))
    bucket = words.names.bucket("data", "handbook", "files")
    there = {blob.name for blob in storage.Client(project="p").list_blobs(bucket)}
    return found + sorted({path.name for path in (EXAMPLES / "handbook").iterdir()} - there)


@pytest.mark.proves("A2b", defect="a page of the handbook that is gone, a table without its rows")
def test_a_fresh_deployment_holds_what_both_example_pipelines_read(cloud: Store, words: Words) -> None:
    assert lacking(words) == []
    as_whom(words.who("common/seed/deploy-data"))
    page = sorted((EXAMPLES / "handbook").iterdir())[0].name
    storage.Client(project="p").bucket(words.names.bucket("data", "handbook", "files")).blob(page).delete()
    assert lacking(words) == [page]


@pytest.mark.proves("I4a", defect="a copy of what nobody lent, a copy that goes elsewhere")
def test_what_was_lent_is_copied_into_the_teams_own_bucket_and_nowhere_else(
    cloud: Store, words: Words, installation: Installation
) -> None:
    def copied(bucket: str) -> None:
        asked = f"SELECT month, tenure_months, churned FROM `{TABLE}`"
        rows = list(bigquery.Client(project="acme-int-churn-k7q2").query(asked).result())
        text = "\n".join(",".join(map(str, row.values())) for row in rows)
        storage.Client(project="p").bucket(bucket).blob("contracts.csv").upload_from_string(text)

    as_whom(ADA)
    staging = words.names.bucket("interactive", "churn", "staging")
    with pytest.raises(Forbidden, match=r"bigquery\.tables\.getData"):
        copied(staging)
    lender, (entitlement, _) = Lender(cloud), entitlements(installation)["customers"]
    lender.approve(lender.request(entitlement, ADA, 3600, "churn rose").name, OWNER, "known")
    copied(staging)
    assert len(storage.Client(project="p").bucket(staging).blob("contracts.csv").download_as_bytes()) > FEWEST
    for elsewhere in (("interactive", "assistant", "staging"), ("production", "churn", "definitions")):
        with pytest.raises(Forbidden, match=r"storage\.objects\.create"):
            copied(words.names.bucket(*elsewhere))
