"""Two who read the same and both write it: the second is refused, whatever kind of resource it is."""

import json
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import pytest

SECRETS, POLICIES = "/secretmanager/v1/projects/p1/secrets", "/orgpolicy/v2/projects/p1/policies"
ENDPOINTS = "/aiplatform/v1/projects/p1/locations/europe-west1/endpoints"
POLICY = {"name": "projects/p1/policies/compute.requireOsLogin", "spec": {"rules": [{"enforce": True}]}}
KINDS = {
    "secret": (f"{SECRETS}?secretId=x", f"{SECRETS}/x", {"replication": {"automatic": {}}}, {"labels": {"a": "1"}}),
    "endpoint": (f"{ENDPOINTS}?endpointId=7", f"{ENDPOINTS}/7", {"displayName": "e"}, {"description": "new"}),
    "policy": (POLICIES, f"{POLICIES}/compute.requireOsLogin", POLICY, {"spec": {"rules": [{"enforce": False}]}}),
}


@pytest.fixture
def ask(cloud):
    def send(method, path, body=None):
        connection = HTTPConnection(urlsplit(cloud.endpoint).netloc, timeout=300)
        connection.request(method, path, json.dumps(body), {"Authorization": "Bearer sandbox:operator"})
        answer = connection.getresponse()
        told = json.loads(answer.read())
        return answer.status, told.get("error", {}).get("status"), told.get("etag")

    return send


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_what_was_read_too_early_is_refused(ask, kind):
    collection, name, body, change = KINDS[kind]
    assert ask("POST", collection, body)[0] == 200
    early = ask("GET", name)[2]
    mask = f"{name}?updateMask={next(iter(change))}"
    assert ask("PATCH", mask, change | {"etag": early})[0] == 200
    assert ask("PATCH", mask, change | {"etag": early})[:2] == (409, "ABORTED")
    assert ask("PATCH", mask, change | {"etag": ask("GET", name)[2]})[0] == 200


@pytest.mark.parametrize("kind", ["secret", "policy"])
def test_a_deletion_of_what_was_read_too_early_is_refused(ask, kind):
    collection, name, body, change = KINDS[kind]
    ask("POST", collection, body)
    early = ask("GET", name)[2]
    ask("PATCH", f"{name}?updateMask={next(iter(change))}", change)
    assert ask("DELETE", f"{name}?etag={quote(early)}")[:2] == (409, "ABORTED")
    assert ask("DELETE", f"{name}?etag={quote(ask('GET', name)[2])}")[0] == 200
