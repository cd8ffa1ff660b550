from collections.abc import Callable, Iterator

import pytest

from sandbox import redirect
from sandbox.api.call import Facade
from sandbox.api.server import serving
from sandbox.store import Store
from tests.terraform_folder import SCHEMA

PROJECT = "p1"
APIS = """artifactregistry bigquery cloudbuild cloudkms aiplatform config iam iamcredentials orgpolicy pubsub
secretmanager storage"""


def furnish(store: Store, project: str = PROJECT, number: str = "77") -> None:
    """An organization's project with the APIs that the tests use."""
    store.put("google_folder", "folders/11", {"name": "folders/11", "parent": "organizations/1", "display_name": "f"})
    values = {
        "project_id": project,
        "name": project,
        "number": number,
        "folder_id": "11",
        "org_id": "",
        "id": f"projects/{project}",
    }
    store.put("google_project", f"projects/{project}", values)
    for api in APIS.split():
        service = {"project": project, "service": f"{api}.googleapis.com", "id": f"{project}/{api}.googleapis.com"}
        store.put("google_project_service", service["id"], service)


@pytest.fixture
def cloud(tmp_path, monkeypatch) -> Iterator[Facade]:
    """A sandbox with one project and an API, to which every Google client of this process talks as its operator."""
    with Store(tmp_path / "cloud.db") as store, serving(store, SCHEMA) as facade:
        furnish(store)
        monkeypatch.setenv(redirect.ENDPOINT, facade.endpoint)
        monkeypatch.setenv(redirect.PRINCIPAL, redirect.OPERATOR)
        monkeypatch.setenv("NO_GCE_CHECK", "true")
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
        redirect.install(facade.endpoint)
        yield facade


@pytest.fixture
def act_as(monkeypatch) -> Callable[[str], None]:
    """From now on clients made in the test act as this principal."""

    def change(principal: str) -> None:
        monkeypatch.setenv(redirect.PRINCIPAL, principal)

    return change
