"""`blueprint data` and the emergency: asked, agreed to and listed, against the sandbox and against Google's API."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from operations.google_api import ENDPOINT
from operations.lending import entitlements, lending
from operations.outcome import OperationFailed
from sandbox.iam import decide
from sandbox.store import Store
from settings.model import Installation
from tests.operations.google_server import refusal, serving
from tests.program import EXAMPLE, blueprint

SEED_PROJECT = "acme-com-seed-k7q2"
SEED = (
    f"//iam.googleapis.com/projects/{SEED_PROJECT}/serviceAccounts/deploy-data@{SEED_PROJECT}.iam.gserviceaccount.com"
)
TABLE = "//bigquery.googleapis.com/projects/acme-dat-customers-k7q2/datasets/customers/tables/contracts"
TOKEN = "iam.serviceAccounts.getAccessToken"


@pytest.fixture
def copy(deployed: Path, tmp_path: Path) -> Path:
    """A folder with a copy of the deployed sandbox."""
    (tmp_path / ".sandbox").mkdir()
    shutil.copy(deployed / ".sandbox/cloud.db", tmp_path / ".sandbox/cloud.db")
    return tmp_path


@pytest.mark.proves("HOUSE-IAM-11", defect="an approver who is not the owner, and a colleague who did not ask")
def test_a_scientist_asks_the_owner_agrees_and_reads_for_hours(copy: Path) -> None:
    """I3b, I3c: only the owner decides, the request ends, and writing stays denied."""
    asked = blueprint(
        "data", "request", "customers", "--why", "churn rose", "--as", "user:ada@example.com", *EXAMPLE, cwd=copy
    )
    assert asked.returncode == 0, asked.stderr
    name = asked.stdout.split(": ")[1].strip()
    refused = blueprint("data", "approve", name, "--why", "y", "--as", "user:otto@example.com", cwd=copy)
    assert (refused.returncode, "may not approve" in refused.stderr) == (4, True)
    owner = "group:data-owner-customers@example.com"
    assert blueprint("data", "approve", name, "--why", "known", "--as", owner, cwd=copy).returncode == 0
    (listed,) = json.loads(blueprint("data", "list", "customers", "--json", *EXAMPLE, cwd=copy).stdout)
    assert (listed["state"], listed["requester"], listed["approver"]) == ("ACTIVE", "user:ada@example.com", owner)
    with Store(copy / ".sandbox/cloud.db") as store:
        assert decide(store, "user:ada@example.com", "bigquery.tables.getData", TABLE).allowed
        assert not decide(store, "user:ada@example.com", "bigquery.tables.updateData", TABLE).allowed
        assert not decide(store, "user:bert@example.com", "bigquery.tables.getData", TABLE).allowed


def test_in_an_emergency_a_deployer_is_lent_for_an_hour_after_consent(copy: Path, installation: Installation) -> None:
    entitlement, hours = entitlements(installation)["break-glass"]
    with lending("sandbox", copy) as lender, Store(copy / ".sandbox/cloud.db") as store:
        assert hours == 1
        asked = lender.request(entitlement, "user:nora@example.com", 3600, "Cloud Build is down")
        assert not decide(store, "user:nora@example.com", TOKEN, SEED).allowed
        lender.approve(asked.name, "user:olaf@example.com", "confirmed by phone")
        assert decide(store, "user:nora@example.com", TOKEN, SEED).allowed
        with pytest.raises(OperationFailed, match="may not ask"):
            lender.request(entitlement, "user:ada@example.com", 3600, "curious")


def test_what_is_not_lent_is_named_and_without_a_sandbox_nothing_happens(tmp_path: Path) -> None:
    wrong = blueprint("data", "request", "custmers", "--why", "x", *EXAMPLE, cwd=tmp_path)
    assert (wrong.returncode, "did you mean 'customers'" in wrong.stderr) == (2, True)
    absent = blueprint("data", "list", *EXAMPLE, cwd=tmp_path)
    assert (absent.returncode, "blueprint up" in absent.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_at_google_the_same_words_are_calls_of_privileged_access_manager(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    entitlement, _ = entitlements(installation)["customers"]
    grant = {
        "name": f"{entitlement}/grants/1",
        "requester": "ada@example.com",
        "requestedDuration": "60s",
        "state": "X",
    }
    with serving() as google:
        monkeypatch.setenv(ENDPOINT, google.endpoint)
        monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "mine")
        base = f"/privilegedaccessmanager/v1/{entitlement}/grants"
        google.answers |= {base: (200, grant), f"{base}/1:approve": (200, grant | {"state": "ACTIVE"})}
        with lending("google", tmp_path) as lender:
            assert lender.request(entitlement, "", 60, "x").state == "X"
            assert lender.approve(grant["name"], "", "y").state == "ACTIVE"
        google.answers |= {base: refusal(403, "you may not")}
        with pytest.raises(OperationFailed, match="you may not"), lending("google", tmp_path) as lender:
            lender.of(entitlement)
    assert google.asked == [("POST", base), ("POST", f"{base}/1:approve"), ("GET", base)]
