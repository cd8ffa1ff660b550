"""The stand-in for Service Catalog: solutions are published, versioned and shared by requests as Google takes them."""

import json
from urllib.parse import urlsplit

import google.auth
import pytest
from google.auth.transport.requests import AuthorizedSession

from sandbox import facts
from sandbox.api import by_hand

API = "https://cloudprivatecatalogproducer.googleapis.com/v1beta1"
ADA = "user:ada@example.com"


@pytest.fixture
def ask(cloud):
    def send(method, path, body=None):
        answer = AuthorizedSession(google.auth.default()[0]).request(method, f"{API}/{path}", json=body)
        return answer.status_code, answer.json()

    return send


def published(ask):
    """A catalog with one product in one version, shared with the project."""
    status, catalog = ask("POST", "catalogs", {"parent": "organizations/1", "displayName": "Platform"})
    assert status == 200, catalog
    product = {"name": f"{catalog['name']}/products/bucket", "assetType": "infrastructure-manager"}
    assert ask("POST", f"{catalog['name']}/products", product | {"displayMetadata": {"title": "Bucket"}})[0] == 200
    version = {"name": f"{product['name']}/versions/v1-0-0", "asset": {"gcsPath": "gs://catalog/bucket.zip"}}
    assert ask("POST", f"{product['name']}/versions", version)[0] == 200
    shared = {"association": {"resource": "projects/p1"}}
    assert ask("POST", f"{catalog['name']}/associations", shared)[0] == 200
    return catalog["name"]


def test_a_solution_is_published_versioned_and_shared(ask):
    catalog = published(ask)
    assert [one["name"] for one in ask("GET", "catalogs?parent=organizations/1")[1]["catalogs"]] == [catalog]
    assert ask("GET", "catalogs?parent=organizations/2")[1]["catalogs"] == []
    (product,) = ask("GET", f"{catalog}/products")[1]["products"]
    assert product["displayMetadata"] == {"title": "Bucket"}
    (version,) = ask("GET", f"{product['name']}/versions")[1]["versions"]
    assert version["asset"]["gcsPath"] == "gs://catalog/bucket.zip"
    status, changed = ask("PATCH", f"{product['name']}?updateMask=displayMetadata", {"displayMetadata": {"title": "B"}})
    assert (status, changed["displayMetadata"]["title"]) == (200, "B")
    assert ask("POST", f"{catalog}/associations", {"association": {"resource": "projects/p1"}})[0] == 409
    assert ask("POST", f"{catalog}/associations", {"association": {"resource": "projects/nobody"}})[0] == 404
    assert ask("DELETE", catalog)[0] == 400
    (association,) = ask("GET", f"{catalog}/associations")[1]["associations"]
    for name in (version["name"], product["name"], association["name"], catalog):
        assert ask("DELETE", name)[0] == 200
    assert ask("GET", catalog)[0] == 404


def test_what_the_form_does_not_know_is_refused(ask):
    status, told = ask("POST", "catalogs", {"parent": "organizations/1", "displayName": "x", "colour": "red"})
    assert status == 400
    assert "colour" in json.dumps(told["error"]["details"])
    assert ask("POST", "catalogs", {"parent": "organizations/1"})[0] == 400


def test_who_may_publish_is_asked_where_the_catalog_belongs(ask, cloud, act_as):
    catalog = published(ask)
    act_as(ADA)
    status, told = ask("GET", catalog)
    assert (status, told["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert "cloudprivatecatalogproducer.catalogs.get" in told["error"]["message"]
    permissions = [f"cloudprivatecatalogproducer.catalogs.{verb}" for verb in ("get", "create")]
    role = {"org_id": "1", "role_id": "publisher", "permissions": permissions}
    cloud.store.put("google_organization_iam_custom_role", "publisher", role)
    values = {"org_id": "1", "role": "organizations/1/roles/publisher", "member": ADA, "condition": []}
    cloud.store.put("google_organization_iam_member", "ada", values)
    assert ask("GET", catalog)[0] == 200
    assert ask("POST", "catalogs", {"parent": "organizations/1", "displayName": "Another"})[0] == 200


def test_what_is_written_by_hand_says_so():
    for name, version in by_hand.names():
        first = (facts.FOLDER / "by_hand" / f"{name}.{version}.yaml").read_text().splitlines()[0]
        assert first.startswith("# STAND-IN, written by hand")
        assert urlsplit(API).netloc.startswith(name)
