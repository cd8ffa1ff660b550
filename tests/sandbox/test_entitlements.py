"""Access for a time: asked for, agreed to by somebody else, seen by IAM until it ends, and not a moment longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.iam import decide
from sandbox.lending import ACTIVE, ENDED, WAITING, Lender, Refusal
from sandbox.store import Store

NAME = "projects/data/locations/global/entitlements/read"
TABLE = "//bigquery.googleapis.com/projects/data/datasets/d/tables/t"
ADA, EVE, OWNER = "user:ada@example.com", "user:eve@example.com", "user:owner@example.com"
READ = "bigquery.tables.getData"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    access = {
        "resource": "//cloudresourcemanager.googleapis.com/projects/data",
        "role_bindings": [{"role": "roles/bigquery.dataViewer"}],
    }
    approvers = {"principals": ["group:owners@example.com"]}
    values = {
        "eligible_users": [{"principals": ["group:scientists@example.com"]}],
        "max_request_duration": "28800s",
        "privileged_access": [{"gcp_iam_access": [access]}],
        "approval_workflow": [{"manual_approvals": [{"steps": [{"approvers": [approvers]}]}]}],
    }
    with Store(tmp_path / "cloud.db") as opened:
        opened.put("google_privileged_access_manager_entitlement", NAME, values)
        for group, *emails in (("scientists", "ada"), ("owners", "owner", "ada")):
            key = [{"id": f"{group}@example.com"}]
            opened.put("google_cloud_identity_group", group, {"name": group, "id": group, "group_key": key})
            for email in emails:
                member = {"group": group, "preferred_member_key": [{"id": f"{email}@example.com"}]}
                opened.put("google_cloud_identity_group_membership", f"{group}-{email}", member)
        yield opened


def test_access_begins_with_the_consent_and_ends_by_itself(store: Store) -> None:
    """I3c: the sandbox grants after approval and not before."""
    start = datetime.now(UTC)
    lender = Lender(store, lambda: start)
    asked = lender.request(NAME, ADA, 3600, "error in March")
    assert asked.state == WAITING
    assert not decide(store, ADA, READ, TABLE).allowed
    active = lender.approve(asked.name, OWNER, "known case")
    assert (active.state, active.ends) == (ACTIVE, (start + timedelta(hours=1)).isoformat())
    assert decide(store, ADA, READ, TABLE).allowed
    assert not decide(store, EVE, READ, TABLE).allowed
    assert not decide(store, ADA, READ, TABLE, {"request.time": start + timedelta(hours=1)}).allowed
    (later,) = Lender(store, lambda: start + timedelta(hours=1)).grants()
    assert (later.state, later.why, later.approved_because) == (ENDED, "error in March", "known case")


def test_what_is_lent_keeps_the_condition_of_the_entitlement(store: Store) -> None:
    kind = "google_privileged_access_manager_entitlement"
    values = store.get(kind, NAME) or {}
    (bound,) = values["privileged_access"][0]["gcp_iam_access"][0]["role_bindings"]
    bound["condition_expression"] = "resource.name.endsWith('/tables/t') || false"
    store.put(kind, NAME, values)
    lender = Lender(store)
    lender.approve(lender.request(NAME, ADA, 3600, "error in March").name, OWNER, "known case")
    assert decide(store, ADA, READ, TABLE).allowed
    assert not decide(store, ADA, READ, TABLE.replace("/tables/t", "/tables/other")).allowed
    assert not decide(store, ADA, READ, TABLE, {"request.time": datetime.now(UTC) + timedelta(hours=2)}).allowed


def test_who_may_not_ask_asks_too_long_or_says_no_reason_is_refused(store: Store) -> None:
    lender = Lender(store)
    for principal, seconds, why, wanted in (
        (EVE, 3600, "x", "may not ask"),
        (ADA, 28801, "x", "more than the 28800 s allowed"),
        (ADA, 0, "x", "more than"),
        (ADA, 3600, " ", "say why"),
    ):
        with pytest.raises(Refusal, match=wanted):
            lender.request(NAME, principal, seconds, why)
    with pytest.raises(Refusal, match="no such entitlement"):
        lender.request(NAME + "x", ADA, 1, "x")
    assert lender.grants() == []


def test_only_an_approver_who_is_somebody_else_agrees_and_only_once(store: Store) -> None:
    lender = Lender(store)
    asked = lender.request(NAME, ADA, 3600, "x")
    for principal, why, wanted in (
        (EVE, "y", "may not approve"),
        (ADA, "y", "their own request"),
        (OWNER, "", "say why"),
    ):
        with pytest.raises(Refusal, match=wanted):
            lender.approve(asked.name, principal, why)
    assert not decide(store, ADA, READ, TABLE).allowed
    lender.approve(asked.name, OWNER, "y")
    with pytest.raises(Refusal, match="is ACTIVE"):
        lender.approve(asked.name, OWNER, "y")
    with pytest.raises(Refusal, match="no such request"):
        lender.approve(asked.name + "x", OWNER, "y")
