"""What every API refuses alike, asked with plain HTTP."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

OPERATOR = {"Authorization": "Bearer sandbox:operator"}
REPOSITORIES = "/artifactregistry/v1/projects/p1/locations/europe-west1/repositories"


@pytest.fixture
def ask(cloud):
    def send(method, path, body=None, headers=OPERATOR):
        connection = HTTPConnection(urlsplit(cloud.endpoint).netloc, timeout=20)
        connection.request(method, path, body if isinstance(body, bytes | None) else json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None

    return send


def violations(answer):
    status, body = answer
    assert (status, body["error"]["code"], body["error"]["status"]) == (400, 400, "INVALID_ARGUMENT")
    return [line["field"] for line in body["error"]["details"][0]["fieldViolations"]]


def test_unknown_fields_wrong_enums_and_wrong_types_are_all_named_at_once(ask):
    body = {"format": "DOKKER", "labels": {"a": []}, "dockerConfig": {"immutableTag": True}, "locatoin": "eu"}
    answer = ask("POST", f"{REPOSITORIES}?repositoryId=images", body)
    assert sorted(violations(answer)) == ["", "dockerConfig", "format", "labels.a"]
    assert 'Unknown name "locatoin": Cannot find field.' in answer[1]["error"]["message"]


def test_an_unknown_parameter_and_a_missing_one_are_refused(ask):
    assert violations(ask("GET", f"{REPOSITORIES}?pagesize=3")) == [""]
    assert violations(ask("POST", "/storage/v1/b", {"name": "data"})) == ["project"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_what_is_no_message_is_refused(ask, body):
    status, answer = ask("POST", f"{REPOSITORIES}?repositoryId=x", body)
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("token", ["", "Bearer x", "Bearer sandbox:", "Bearer sandbox:ada", "Basic sandbox:operator"])
def test_who_does_not_say_who_they_are_is_refused(ask, token):
    status, answer = ask("GET", REPOSITORIES, headers={"Authorization": token})
    assert (status, answer["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_a_missing_part_of_the_path_is_no_resource(ask):
    missing = ask("GET", "/artifactregistry/v1/projects//locations/europe-west1/repositories/x")
    assert violations(missing) == ["name"]
    assert ask("GET", "/artifactregistry/v1/projekts/p1")[0] == 404
    assert ask("GET", "/nosuchapi/v1/projects/p1")[0] == 404


def test_what_is_not_known_is_said_and_never_guessed(ask):
    status, answer = ask("POST", "/aiplatform/v1/projects/p1/locations/europe-west1/endpoints/1:explain", {})
    assert (status, answer["error"]["status"]) == (501, "UNIMPLEMENTED")


def test_a_listing_comes_in_pages_and_is_filtered(ask):
    for number in range(5):
        body = {"format": "DOCKER", "labels": {"parity": "even" if number % 2 == 0 else "odd"}}
        assert ask("POST", f"{REPOSITORIES}?repositoryId=r{number}", body)[1]["done"]
    names, token = [], ""
    while token is not None:
        page = ask("GET", f"{REPOSITORIES}?pageSize=2&pageToken={token}")[1]
        names += [found["name"].rpartition("/")[2] for found in page["repositories"]]
        token = page.get("nextPageToken")
    assert names == ["r0", "r1", "r2", "r3", "r4"]
    odd = ask("GET", f"{REPOSITORIES}?filter=labels.parity%3Dodd%20OR%20name%3D%22r0%22")[1]["repositories"]
    assert [found["name"].rpartition("/")[2] for found in odd] == ["r0", "r1", "r3"]
    assert ask("GET", f"{REPOSITORIES}?filter=%25%25")[0] == 400
    assert ask("GET", f"{REPOSITORIES}?pageToken=nonsense!")[0] == 400


def test_an_update_touches_only_what_its_mask_names(ask):
    ask("POST", f"{REPOSITORIES}?repositoryId=images", {"format": "DOCKER", "description": "old", "labels": {"a": "1"}})
    changed = {"description": "new", "labels": {"a": "2"}}
    found = ask("PATCH", f"{REPOSITORIES}/images?updateMask=description", changed)[1]
    assert (found["description"], found["labels"]) == ("new", {"a": "1"})
    assert violations(ask("PATCH", f"{REPOSITORIES}/images?updateMask=descripshun", changed)) == ["update_mask"]
