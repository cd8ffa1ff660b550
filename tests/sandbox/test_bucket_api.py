import json
from base64 import b64encode
from hashlib import md5
from http.client import HTTPConnection
from urllib.parse import quote, urlencode, urlsplit

import pytest

from sandbox.crc32c import crc32c
from sandbox.state_bucket import BucketServer
from sandbox.store import Store

OBJECTS, UPLOAD = "/storage/v1/b/states/o", "/upload/storage/v1/b/states/o"


class Client:
    def __init__(self, server):
        self.token = server.token
        self.connection = HTTPConnection(urlsplit(server.endpoint).netloc)

    def __call__(self, method, path, body=b"", *, headers=(), **query):
        target = f"{path}?{urlencode(query)}" if query else path
        sent = {"Authorization": f"Bearer {self.token}", **dict(headers)}
        self.connection.request(method, target, body, sent)
        answer = self.connection.getresponse()
        return answer.status, answer.read(), answer.headers

    def put(self, name, data, **query):
        return self("POST", UPLOAD, data, uploadType="media", name=name, **query)

    def names(self, **query):
        listing = json.loads(self("GET", OBJECTS, **query)[1])
        return [item["name"] for item in listing["items"]], listing["prefixes"], listing.get("nextPageToken")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cloud.db") as opened:
        opened.put("google_storage_bucket", "states", {"name": "states"})
        yield opened


@pytest.fixture
def client(store):
    server = BucketServer(store)
    yield Client(server)
    server.stop()


def reason(answer):
    status, body, _ = answer
    error = json.loads(body)["error"]
    assert error["code"] == status
    return status, error["errors"][0]["reason"]


def test_the_checksum_is_the_published_one():
    assert crc32c(b"123456789") == b64encode((0xE3069283).to_bytes(4)).decode()


def test_an_object_comes_back_with_the_checksums_its_reader_verifies(client):
    client.put("a/b", b"data")
    for path, query in (("/states/a/b", {}), (f"{OBJECTS}/{quote('a/b', safe='')}", {"alt": "media"})):
        status, body, headers = client("GET", path, **query)
        assert (status, body) == (200, b"data")
        assert headers["X-Goog-Hash"] == f"crc32c={crc32c(b'data')},md5={b64encode(md5(b'data').digest()).decode()}"
    described = json.loads(client("GET", f"{OBJECTS}/a%2Fb")[1])
    assert (described["name"], described["size"], described["bucket"]) == ("a/b", "4", "states")
    assert client("HEAD", "/states/a/b")[2]["Content-Length"] == "4"


def test_only_the_first_of_two_writers_makes_a_new_object(client):
    assert client.put("lock", b"1", ifGenerationMatch=0)[0] == 200
    assert reason(client.put("lock", b"2", ifGenerationMatch=0)) == (412, "conditionNotMet")
    assert client("GET", "/states/lock")[1] == b"1"


def test_an_object_that_changed_is_not_deleted(client):
    generation = int(json.loads(client.put("lock", b"1")[1])["generation"])
    path = f"{OBJECTS}/lock"
    assert reason(client("DELETE", path, ifGenerationMatch=generation - 1)) == (412, "conditionNotMet")
    assert client("DELETE", path, ifGenerationMatch=generation)[0] == 204
    assert reason(client("DELETE", path)) == (404, "notFound")


def test_a_condition_the_server_does_not_know_is_refused_and_not_ignored(client):
    assert reason(client.put("x", b"", ifMetagenerationMatch=1)) == (400, "invalid")
    assert reason(client.put("x", b"", ifGenerationMatch="new")) == (400, "invalid")


def test_folders_are_listed_page_by_page(client):
    for name in ("a/1", "a/2", "b", "c/1", "d"):
        client.put(name, b"")
    assert client.names() == (["a/1", "a/2", "b", "c/1", "d"], [], None)
    assert client.names(delimiter="/") == (["b", "d"], ["a/", "c/"], None)
    assert client.names(prefix="a/", delimiter="/") == (["a/1", "a/2"], [], None)
    seen, token = [], ""
    while token is not None:
        items, prefixes, token = client.names(delimiter="/", maxResults=1, pageToken=token)
        seen += items + prefixes
    assert seen == ["a/", "b", "c/", "d"]


def test_a_bucket_that_is_no_resource_does_not_exist(client, store):
    store.delete("google_storage_bucket", "states")
    answers = [client("GET", OBJECTS), client.put("x", b""), client("GET", "/states/x"), client("GET", f"{OBJECTS}/x")]
    assert [reason(answer) for answer in answers] == [(404, "notFound")] * 4


def test_a_large_object_arrives_in_chunks(client):
    begun, _, headers = client("POST", UPLOAD, b'{"contentType": "text/x"}', uploadType="resumable", name="big")
    place = urlsplit(headers["Location"])
    target = f"{place.path}?{place.query}"
    assert begun == 200
    status, _, headers = client("PUT", target, b"one", headers={"Content-Range": "bytes 0-2/*"})
    assert (status, headers["Range"]) == (308, "bytes=0-2")
    assert client("PUT", target, b"x", headers={"Content-Range": "bytes 9-9/10"})[0] == 400
    assert client("PUT", target, headers={"Content-Range": "bytes */*"})[2]["Range"] == "bytes=0-2"
    status, body, _ = client("PUT", target, b"two", headers={"Content-Range": "bytes 3-5/6"})
    assert (status, json.loads(body)["contentType"]) == (200, "text/x")
    assert client("GET", "/states/big")[1] == b"onetwo"


@pytest.mark.parametrize("body", [b"", b"--x\r\n\r\n{}\r\n--x--", b"--x\r\n\r\n[]\r\n--x\r\n\r\ndata\r\n--x--"])
def test_a_malformed_upload_is_refused_for_good(client, body):
    answer = client(
        "POST", UPLOAD, body, uploadType="multipart", headers={"Content-Type": "multipart/related; boundary=x"}
    )
    assert reason(answer) == (400, "invalid")


def test_data_that_looks_like_a_boundary_survives(client):
    data = b"\r\n--x-not\r\n\r\n--y\r\n"
    body = (
        b'--xyz\r\nContent-Type: application/json\r\n\r\n{"name": "n"}\r\n--xyz\r\nContent-Type: text/x\r\n\r\n' + data
    )
    headers = {"Content-Type": "multipart/related; boundary=xyz"}
    assert client("POST", UPLOAD, body + b"\r\n--xyz--\r\n", uploadType="multipart", headers=headers)[0] == 200
    assert client("GET", "/states/n")[1] == data


def test_who_has_not_the_token_reads_nothing(client):
    client.put("x", b"secret")
    client.token = "sandbox"
    assert reason(client("GET", "/states/x")) == (401, "required")


def test_what_is_not_served_is_said(client):
    assert reason(client("PUT", "/storage/v1/b/states")) == (404, "notFound")
    assert reason(client("POST", UPLOAD, uploadType="other")) == (400, "invalid")
