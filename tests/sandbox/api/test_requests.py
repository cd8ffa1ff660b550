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
        connection = HTTPConnection(urlsplit(cloud.endpoint).netloc, timeout=300)
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


@pytest.mark.parametrize(
    "path",
    [
        "/storage/v1/b?project=p1&projection=BOGUS",
        "/storage/v1/b?project=p1&maxResults=abc",
        "/storage/v1/b/data/o?maxResults=abc",
        "/bigquery/bigquery/v2/projects/p1/datasets/d/tables/t/data?startIndex=abc",
        "/bigquery/bigquery/v2/projects/p1/datasets/d/tables/t/data?formatOptions.useInt64Timestamp=perhaps",
        f"{REPOSITORIES}?pageSize=abc",
    ],
)
def test_a_parameter_whose_value_is_none_is_refused(ask, path):
    assert violations(ask("GET", path)) == [path.rpartition("?")[2].rpartition("&")[2].partition("=")[0]]
    assert ask("GET", "/storage/v1/b?project=p1&projection=full&maxResults=7")[0] == 200


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (
            "/cloudkms/v1/projects/p1/locations/eu/keyRings/r/cryptoKeys/k:encrypt",
            {"plaintext": "no bytes!"},
            "plaintext",
        ),
        (
            "/iamcredentials/v1/projects/-/serviceAccounts/x@p1.iam.gserviceaccount.com:generateAccessToken",
            {"scope": ["x"], "lifetime": "abc"},
            "lifetime",
        ),
        ("/bigquery/bigquery/v2/projects/p1/queries", {"useLegacySql": False}, "query"),
        ("/bigquery/bigquery/v2/projects/p1/queries", {"query": "SELECT 1", "maxResults": 2**40}, "maxResults"),
    ],
)
def test_a_field_that_is_missing_or_of_another_form_is_refused(ask, path, body, field):
    assert violations(ask("POST", path, body)) == [field]


def test_a_job_without_what_it_needs_fails_and_says_what(ask):
    for kind in ("load", "copy", "extract", "query"):
        status, job = ask("POST", "/bigquery/bigquery/v2/projects/p1/jobs", {"configuration": {kind: {}}})
        assert (status, job["status"]["errorResult"]["reason"]) == (200, "invalid")


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b'{"name": NaN}', b'{"metadata": 5}'])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{REPOSITORIES}?repositoryId=x"),
        ("POST", "/upload/storage/v1/b/data/o?uploadType=resumable&name=x"),
        ("PATCH", "/storage/v1/b/data/o/x"),
        ("POST", "/storage/v1/b/data/o/x/compose"),
        ("POST", "/storage/v1/b/data/o/x/rewriteTo/b/data/o/y"),
        ("POST", "/git/api/repositories"),
    ],
)
def test_what_is_no_message_is_refused(ask, method, path, body):
    ask("POST", "/storage/v1/b?project=p1", {"name": "data"})
    ask("POST", "/upload/storage/v1/b/data/o?uploadType=media&name=x", b"x")
    status, answer = ask(method, path, body)
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/secretmanager/v1/projects/p1/secrets", "secretId"),
        ("/cloudkms/v1/projects/p1/locations/europe-west1/keyRings", "keyRingId"),
        (REPOSITORIES, "repositoryId"),
        ("/storage/v1/b?project=p1", "name"),
        ("/bigquery/bigquery/v2/projects/p1/datasets", "datasetReference"),
        ("/bigquery/bigquery/v2/projects/p1/datasets/d/tables", "tableReference"),
    ],
)
def test_what_needs_a_name_of_its_callers_gets_none_of_googles(ask, path, field):
    assert violations(ask("POST", path, {})) == [field]


def test_a_metadata_store_without_an_id_gets_one_of_googles(ask):
    status, begun = ask("POST", "/aiplatform/v1/projects/p1/locations/europe-west1/metadataStores", {})
    assert (status, begun["done"]) == (200, True)
    assert ask("GET", f"/aiplatform/v1/{begun['response']['name']}")[0] == 200


@pytest.mark.parametrize("body", [{"name": "x", "protected": 5}, {"name": "x", "checks": [1]}, {"name": "x", "k": []}])
def test_rules_of_a_repository_of_another_form_are_refused(ask, body):
    assert ask("POST", "/git/api/repositories", body)[0] == 400
    assert ask("POST", "/git/api/repositories", {"name": "x", "checks": {"a": "user:ada@example.com"}})[0] == 201


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
    both = ask("GET", f"{REPOSITORIES}?filter=name%3Dr0%20OR%20name%3Dr1%20AND%20labels.parity%3Dodd")[1]
    assert [found["name"].rpartition("/")[2] for found in both["repositories"]] == ["r1"], "OR binds tighter than AND"
    odd = ask("GET", f"{REPOSITORIES}?filter=labels.parity%3Dodd%20OR%20name%3D%22r0%22")[1]["repositories"]
    assert [found["name"].rpartition("/")[2] for found in odd] == ["r0", "r1", "r3"]
    assert ask("GET", f"{REPOSITORIES}?filter=%25%25")[0] == 400
    for token in ("nonsense!", "LTU="):
        assert ask("GET", f"{REPOSITORIES}?pageToken={token}")[0] == 400


def test_an_update_touches_only_what_its_mask_names(ask):
    ask("POST", f"{REPOSITORIES}?repositoryId=images", {"format": "DOCKER", "description": "old", "labels": {"a": "1"}})
    changed = {"description": "new", "labels": {"a": "2"}}
    found = ask("PATCH", f"{REPOSITORIES}/images?updateMask=description", changed)[1]
    assert (found["description"], found["labels"]) == ("new", {"a": "1"})
    for path in ("descripshun", "name", "docker_config.immutableTag", "description.length"):
        assert violations(ask("PATCH", f"{REPOSITORIES}/images?updateMask={path}", changed)) == ["update_mask"]
    made = found["createTime"]
    given = {"createTime": "2000-01-01T00:00:00Z"}
    assert ask("PATCH", f"{REPOSITORIES}/images?updateMask=createTime", given)[1]["createTime"] == made
    assert ask("PATCH", f"{REPOSITORIES}/images", given)[1]["createTime"] == made


@pytest.mark.parametrize("kind", ["topics", "subscriptions"])
def test_a_name_of_googles_own_is_refused(ask, kind):
    ask("PUT", "/pubsub/v1/projects/p1/topics/news", {})
    body = {"topic": "projects/p1/topics/news"} if kind == "subscriptions" else {}
    status, answer = ask("PUT", f"/pubsub/v1/projects/p1/{kind}/goog-news", body)
    assert (status, answer["error"]["message"]) == (400, f"Invalid [{kind}] name: (name=projects/p1/{kind}/goog-news)")
    assert ask("PUT", f"/pubsub/v1/projects/p1/{kind}/good-news", body)[0] == 200
