"""Whatever a client sends, the server answers it or hangs up, and answers the next one."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.api.server import LARGEST_JSON, serving
from sandbox.store import Store
from tests.sandbox.api.conftest import furnish
from tests.terraform_folder import SCHEMA

OPERATOR = {"Authorization": "Bearer sandbox:operator"}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with Store(tmp_path_factory.mktemp("robust") / "cloud.db") as store:
        furnish(store)
        with serving(store, SCHEMA) as facade:
            yield facade


@pytest.fixture
def hasty(served):
    """A server over the same store that waits for no slow client."""
    with serving(served.store, SCHEMA, seconds=0.5) as facade:
        yield facade


@pytest.fixture(autouse=True)
def alive(served):
    """After every test the server still answers."""
    yield
    assert requests.get(f"{served.endpoint}/storage/v1/b?project=p1", headers=OPERATOR, timeout=300).status_code == 200


@contextmanager
def raw(served):
    place = urlsplit(served.endpoint)
    with socket.create_connection((place.hostname, place.port), timeout=300) as connection:
        yield connection


def test_a_body_above_the_limit_is_refused_before_it_has_arrived(served):
    def endless():
        for _ in range(LARGEST_JSON // 65536 + 64):
            yield b" " * 65536

    url = f"{served.endpoint}/pubsub/v1/projects/p1/topics/x"
    with suppress(requests.ConnectionError):  # the server may hang up while the client is still sending
        assert requests.put(url, endless(), headers=OPERATOR, timeout=300).status_code == 413


def test_a_client_that_sends_its_headers_too_slowly_is_hung_up_on(hasty):
    with raw(hasty) as connection:
        connection.sendall(b"GET /storage/v1/b HTTP/1.1\r\nHost: x\r\nX-")
        assert connection.recv(100) == b""


def test_a_client_that_sends_its_body_too_slowly_is_told_so(hasty):
    with raw(hasty) as connection:
        head = "PUT /pubsub/v1/projects/p1/topics/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
        connection.sendall(f"{head}Authorization: {OPERATOR['Authorization']}\r\n\r\n{{".encode())
        assert b" 408 " in connection.recv(200)


def test_idle_clients_do_not_keep_others_waiting(served):
    place = urlsplit(served.endpoint)
    idle = [socket.create_connection((place.hostname, place.port)) for _ in range(200)]
    try:
        found = requests.get(f"{served.endpoint}/storage/v1/b?project=p1", headers=OPERATOR, timeout=300)
        assert found.status_code == 200
    finally:
        for connection in idle:
            connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/storage/v1/b/..%2F..%2Fetc/o",
        "/git/../cloud.db",
        "/git/%2e%2e/cloud.db/info/refs?service=git-upload-pack",
        "/docker/eu/v2/p1/x/..%2f..%2f..%2fcloud.db/manifests/latest",
        "/%00",
        "/artifactregistry/v1/projects/p1/locations/eu/repositories/..%2F..%2Fx",
    ],
)
def test_no_path_leads_out(served, path):
    place = urlsplit(served.endpoint)
    with raw(served) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n"
        connection.sendall(f"{head}Authorization: {OPERATOR['Authorization']}\r\n\r\n".encode())
        answer = connection.makefile("rb").read()
    assert answer.split(b" ")[1] in (b"400", b"404")
    assert b"SQLite" not in answer


@pytest.mark.parametrize(
    "text", [b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\r\nX: " + b"a" * 200_000 + b"\r\n\r\n"]
)
def test_what_is_not_http_is_hung_up_on(served, text):
    with raw(served) as connection:
        try:
            connection.sendall(text)
            assert connection.recv(200)[:10] in (b"", b"HTTP/1.1 4")
        except ConnectionError:
            pass


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
PLACES = [
    ("POST", "/storage/v1/b?project=p1"),
    ("POST", "/artifactregistry/v1/projects/p1/locations/eu/repositories?repositoryId=x"),
    ("POST", "/bigquery/bigquery/v2/projects/p1/datasets"),
    ("POST", "/bigquery/bigquery/v2/projects/p1/jobs"),
    ("PUT", "/pubsub/v1/projects/p1/topics/fuzz"),
    ("POST", "/aiplatform/v1/projects/p1/locations/eu/models:upload"),
    ("POST", "/cloudkms/v1/projects/p1/locations/eu/keyRings/x:setIamPolicy"),
    ("POST", "/git/api/repositories"),
]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), body=json_values)
def test_no_json_makes_the_server_fail(served, place, body):
    method, path = place
    text = json.dumps(body)
    found = requests.request(method, served.endpoint + path, data=text, headers=OPERATOR, timeout=300)
    assert found.status_code < 500 or found.status_code == 501, found.text
    assert found.status_code < 400 or found.json()["error"]["code"] == found.status_code


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=30), kind=st.text(max_size=12), data=st.binary(max_size=50))
def test_no_object_name_makes_the_server_fail(served, name, kind, data):
    served.store.put("google_storage_bucket", "fuzz", {"name": "fuzz", "project": "p1"})
    url = f"{served.endpoint}/upload/storage/v1/b/fuzz/o"
    given = {"uploadType": "multipart"}
    described = json.dumps({"name": name, "contentType": kind}).encode()
    body = b"--b\r\n\r\n" + described + b"\r\n--b\r\nContent-Type: x\r\n\r\n" + data + b"\r\n--b--"
    headers = OPERATOR | {"Content-Type": "multipart/related; boundary=b"}
    found = requests.post(url, body, params=given, headers=headers, timeout=300)
    assert found.status_code in (200, 400), found.text
    if found.status_code == 200:
        kept = served.store.objects.get("fuzz", found.json()["name"])
        assert (kept.name, kept.data) == (name, data)


def test_writers_at_the_same_time_lose_no_update(served):
    """Eight clients count in one object, each guarded by the generation that it read, and add rows to one table."""
    base = served.endpoint
    served.store.put("google_storage_bucket", "load", {"name": "load", "project": "p1"})
    upload = f"{base}/upload/storage/v1/b/load/o?uploadType=media&name=count"
    requests.post(upload, b"0", headers=OPERATOR, timeout=300)
    dataset = {"datasetReference": {"projectId": "p1", "datasetId": "load"}}
    bigquery = f"{base}/bigquery/bigquery/v2/projects/p1"
    requests.post(f"{bigquery}/datasets", json=dataset, headers=OPERATOR, timeout=300)

    def ask(http: requests.Session, text: str) -> requests.Response:
        return http.post(f"{bigquery}/queries", json={"query": text, "useLegacySql": False}, timeout=300)

    operator = requests.Session()
    operator.headers.update(OPERATOR)
    assert ask(operator, "CREATE OR REPLACE TABLE load.counted AS SELECT -1 AS n").status_code == 200

    added: list[int] = []
    deadline = time.monotonic() + 4

    def work(number: int) -> tuple[int, int]:
        done, odd, http = 0, 0, requests.Session()
        http.headers.update(OPERATOR)
        while time.monotonic() < deadline:
            found = http.get(f"{base}/storage/v1/b/load/o/count?alt=media", timeout=300)
            after = {"ifGenerationMatch": found.headers["X-Goog-Generation"]}
            answer = http.post(upload, str(int(found.content) + 1).encode(), params=after, timeout=300)
            done += answer.status_code == 200
            odd += answer.status_code not in (200, 412)
            added.append(ask(http, f"INSERT INTO load.counted (n) VALUES ({number})").status_code)
        return done, odd

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(work, range(8)))
    assert sum(odd for _, odd in counts) == 0
    assert int(served.store.objects.get("load", "count").data) == sum(done for done, _ in counts) > 0
    rows = ask(operator, "SELECT COUNT(*) FROM load.counted WHERE n >= 0").json()["rows"]
    assert (set(added), int(rows[0]["f"][0]["v"])) == ({200}, len(added))
