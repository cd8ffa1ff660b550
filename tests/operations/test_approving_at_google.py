"""Builds approved at Google: by the same commands, as who is logged in. A sandbox's API answers in its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sandbox import redirect
from sandbox.api.server import serving
from sandbox.store import Store
from scripts.commands.build import command
from settings.loading import names_of
from settings.model import Installation
from tests.program import ROOT
from tests.terraform_folder import SCHEMA

DORA = "dora@example.com"


def ran(build: dict[str, Any]) -> dict[str, Any]:
    """What a worker of Google's says of a build."""
    return {"steps": [{"id": "seal", "status": "SUCCESS"}]}


@pytest.fixture
def store(tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Two builds of the containers' pipeline and one of another wait where Google's clients go, who act as Dora."""
    names = names_of(installation)
    project = names.project("common", "delivery-w")
    parent = f"projects/{project}/locations/{installation.organization.region}"
    with Store(tmp_path / "cloud.db") as store, serving(store, SCHEMA, runners={"build": ran}) as facade:
        store.put("google_project", f"projects/{project}", {"project_id": project, "id": f"projects/{project}"})
        service = {"project": project, "service": "cloudbuild.googleapis.com"}
        store.put("google_project_service", f"{project}/cloudbuild.googleapis.com", service)
        role = {"project": project, "role": "roles/cloudbuild.builds.editor", "member": f"user:{DORA}"}
        approver = role | {"role": "roles/cloudbuild.builds.approver"}
        for one in (role, approver):
            store.put("google_project_iam_member", f"{project}/{one['role']}/{DORA}", one)
        for id_, trigger in (("b-1", "container-promote"), ("b-2", "container-build"), ("b-3", "operational-release")):
            name = f"{parent}/builds/{id_}"
            body = {"id": id_, "name": name, "status": "PENDING", "createTime": "2026-11-26T10:00:00Z"}
            body |= {"projectId": project, "approval": {"state": "PENDING", "config": {"approvalRequired": True}}}
            body |= {"substitutions": {"TRIGGER_NAME": trigger, "COMMIT_SHA": "c0ffee"}}
            store.documents.put("cloudbuild:projects/locations/builds", name, body)
        monkeypatch.setenv(redirect.ENDPOINT, facade.endpoint)
        monkeypatch.setenv(redirect.PRINCIPAL, f"user:{DORA}")
        redirect.install(facade.endpoint)
        yield store


def asked(*words: str) -> Result:
    return CliRunner().invoke(command, [*words, "--target", "google", "--settings", str(ROOT / "settings")])


def approval(store: Store, id_: str) -> dict[str, Any]:
    """What is on record of the approval of a build."""
    found = store.documents.find("cloudbuild:projects/locations/builds")
    (body,) = (body for name, body in found if name.endswith(f"/{id_}"))
    told: dict[str, Any] = body["approval"]
    return told


def test_what_waits_at_google_is_listed_and_approved_as_who_is_logged_in(store: Store) -> None:
    listed = asked("approvals", "container")
    assert [line.split()[0] for line in listed.output.splitlines()] == ["b-1", "b-2"], listed.output
    done = asked("approve", "container", "--trigger", "promote", "--comment", "Fine.")
    assert (done.exit_code, "build b-1: SUCCESS" in done.output) == (0, True), (done.output, done.exception)
    result = approval(store, "b-1")["result"]
    assert (result["approverAccount"], result["comment"], result["decision"]) == (DORA, "Fine.", "APPROVED")
    refused = asked("approve", "container", "b-2", "--reject")
    assert (refused.exit_code, approval(store, "b-2")["state"]) == (1, "REJECTED"), refused.output
    assert approval(store, "b-3")["state"] == "PENDING", "nobody approves one pipeline's build for another"


def test_who_may_not_approve_at_google_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(redirect.PRINCIPAL, "user:eve@example.com")
    refused = asked("approve", "container", "b-1")
    assert "cloudbuild.builds.approve" in str(refused.exception), refused.output
    assert getattr(refused.exception, "code", None) == 4
    assert approval(store, "b-1")["state"] == "PENDING"


@pytest.mark.parametrize("option", [("--as", DORA), ("--repository", ".")])
def test_google_is_not_told_who_one_is(store: Store, option: tuple[str, str]) -> None:
    refused = asked("approve", "container", "b-1", *option)
    assert f"{option[0]}: is for the sandbox; leave it out" in str(refused.exception)
    assert getattr(refused.exception, "code", None) == 2
    assert approval(store, "b-1")["state"] == "PENDING"
