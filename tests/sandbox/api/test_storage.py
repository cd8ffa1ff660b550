"""The unmodified Cloud Storage client against the sandbox."""

import os

import pytest
from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    MethodNotImplemented,
    NotFound,
    PreconditionFailed,
)
from google.cloud import storage


@pytest.fixture
def client(cloud):
    return storage.Client(project="p1")


@pytest.fixture
def bucket(client):
    return client.create_bucket("data", location="europe-west1")


def test_objects_come_back_as_they_were_sent_in_every_protocol(bucket):
    bucket.blob("a/b c.txt").upload_from_string(b"hello", content_type="text/x")
    assert bucket.blob("a/b c.txt").download_as_bytes() == b"hello"
    chunked, content = bucket.blob("big", chunk_size=262144), os.urandom(1_000_000)
    chunked.upload_from_string(content)
    assert chunked.download_as_bytes() == content
    assert bucket.blob("big").download_as_bytes(start=10, end=19) == content[10:20]
    found = bucket.get_blob("a/b c.txt")
    assert (found.size, found.content_type, found.metageneration) == (5, "text/x", 1)


def test_an_object_that_changed_is_not_overwritten(bucket):
    blob = bucket.blob("x")
    blob.upload_from_string(b"1", if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        blob.upload_from_string(b"2", if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        bucket.blob("x").delete(if_generation_match=blob.generation + 1)
    blob.metadata = {"owner": "ada"}
    blob.patch(if_metageneration_match=1)
    with pytest.raises(PreconditionFailed):
        blob.patch(if_metageneration_match=1)
    assert bucket.get_blob("x").metadata == {"owner": "ada"}


def test_objects_are_copied_and_composed(bucket, client):
    for name in ("1", "2"):
        bucket.blob(name).upload_from_string(name.encode())
    bucket.blob("both").compose([bucket.blob("1"), bucket.blob("2")])
    assert bucket.blob("both").download_as_bytes() == b"12"
    bucket.copy_blob(bucket.blob("both"), bucket, "copy")
    bucket.blob("moved").rewrite(bucket.blob("both"))
    assert [blob.name for blob in client.list_blobs("data")] == ["1", "2", "both", "copy", "moved"]
    assert bucket.blob("moved").download_as_bytes() == b"12"


def test_a_bucket_is_made_changed_and_removed(bucket, client, cloud):
    assert [found.name for found in client.list_buckets()] == ["data"]
    with pytest.raises(Conflict):
        client.create_bucket("data")
    bucket.labels = {"team": "churn"}
    bucket.patch()
    assert (client.get_bucket("data").labels, client.get_bucket("data").metageneration) == ({"team": "churn"}, 2)
    bucket.blob("x").upload_from_string(b"")
    with pytest.raises(BadRequest, match="containing objects"):
        bucket.delete()
    bucket.blob("x").delete()
    bucket.delete()
    with pytest.raises(NotFound):
        client.get_bucket("data")
    assert cloud.store.find("google_storage_bucket") == []


def test_a_policy_set_by_the_client_is_what_terraform_sees(bucket, cloud):
    cloud.store.put("google_cloud_identity_group", "groups/1", {"group_key": [{"id": "ds@example.com"}]})
    policy = bucket.get_iam_policy(requested_policy_version=3)
    reader = {"role": "roles/storage.objectViewer", "members": {"group:ds@example.com", "user:ada@example.com"}}
    policy.bindings.append(reader)
    bucket.set_iam_policy(policy)
    held = [values["member"] for _, values in cloud.store.find("google_storage_bucket_iam_member")]
    assert held == ["group:ds@example.com", "user:ada@example.com"]
    with pytest.raises(PreconditionFailed):
        bucket.set_iam_policy(policy)
    again = bucket.get_iam_policy()
    again.bindings[0]["members"].remove("user:ada@example.com")
    bucket.set_iam_policy(again)
    assert bucket.get_iam_policy().bindings == [reader | {"members": {"group:ds@example.com"}}]


def test_a_policy_that_is_refused_changes_nothing(bucket, cloud):
    policy = bucket.get_iam_policy(requested_policy_version=3)
    policy.bindings.append({"role": "roles/storage.objectViewer", "members": {"user:ada@example.com"}})
    bucket.set_iam_policy(policy)
    held = cloud.store.find("google_storage_bucket_iam_member")
    other = bucket.get_iam_policy()
    bo = {"role": "roles/storage.objectAdmin", "members": {"user:bo@example.com"}}
    nobody = {"role": "roles/storage.objectViewer", "members": {"serviceAccount:none@p1.iam.gserviceaccount.com"}}
    other.bindings = [bo, nobody]
    with pytest.raises(BadRequest, match="none@p1"):
        bucket.set_iam_policy(other)
    assert cloud.store.find("google_storage_bucket_iam_member") == held
    assert [user for rule in bucket.get_iam_policy().bindings for user in rule["members"]] == ["user:ada@example.com"]


def test_conditions_are_read_and_set_as_version_3_alone(bucket, client):
    def given(version):
        policy = bucket.get_iam_policy(requested_policy_version=version)
        return policy, policy.version

    policy, _ = given(3)
    until = {"title": "t", "expression": "request.time < timestamp('2030-01-01T00:00:00Z')"}
    reader = {"role": "roles/storage.objectViewer", "members": {"user:ada@example.com"}, "condition": until}
    policy.bindings.append(reader)
    for version in (1, 2):
        policy.version = version
        with pytest.raises(BadRequest, match="version 3"):
            bucket.set_iam_policy(policy)
    policy.version = 3
    bucket.set_iam_policy(policy)
    policy, version = given(3)
    assert (policy.bindings, version) == ([reader], 3)
    for asked in (None, 1):
        policy, version = given(asked)
        assert (version, "condition" in policy.bindings[0]) == (1, False)
        assert policy.bindings[0]["role"].startswith("roles/storage.objectViewer_withcond_")
        policy.bindings = []
        with pytest.raises(BadRequest, match="version 3"):
            bucket.set_iam_policy(policy)
    assert given(3)[0].bindings == [reader]


def test_what_a_bucket_must_keep_is_neither_replaced_nor_deleted(bucket):
    bucket.retention_period = 3600
    bucket.patch()
    bucket.blob("x").upload_from_string(b"1")
    refused = {
        "upload": lambda: bucket.blob("x").upload_from_string(b"2"),
        "copy": lambda: bucket.copy_blob(bucket.blob("y"), bucket, "x"),
        "compose": lambda: bucket.blob("x").compose([bucket.blob("y")]),
        "delete": bucket.blob("x").delete,
    }
    bucket.blob("y").upload_from_string(b"3")
    for attempt in refused.values():
        with pytest.raises(Forbidden, match="retention policy"):
            attempt()
    assert bucket.blob("x").download_as_bytes() == b"1"
    bucket.retention_period = None
    bucket.patch()
    bucket.blob("x").upload_from_string(b"2")
    bucket.blob("x").delete()


def test_a_hold_that_nobody_would_keep_is_refused(bucket, client, cloud):
    blob = bucket.blob("x")
    blob.upload_from_string(b"1")
    blob.temporary_hold = True
    with pytest.raises(MethodNotImplemented, match="SANDBOX: objects have no temporaryHold here"):
        blob.patch()
    where = f"{cloud.endpoint}/upload/storage/v1/b/data/o?uploadType=resumable"
    answer = client._http.post(where, json={"name": "y", "eventBasedHold": True})
    assert (answer.status_code, "no eventBasedHold here" in answer.text) == (501, True)
    assert not bucket.blob("y").exists()


@pytest.mark.parametrize(
    "described", [{"cacheControl": "no-store"}, {"storageClass": "NEARLINE"}, {"customTime": "2026-11-01T00:00:00Z"}]
)
def test_a_description_that_is_not_kept_is_refused(bucket, client, cloud, described):
    bucket.blob("x").upload_from_string(b"1")
    objects, name = f"{cloud.endpoint}/storage/v1/b/data/o", next(iter(described))
    where = f"{cloud.endpoint}/upload/storage/v1/b/data/o?uploadType=resumable"
    for answer in (
        client._http.patch(f"{objects}/x", json=described),
        client._http.post(where, json={"name": "y"} | described),
        client._http.post(f"{objects}/x/rewriteTo/b/data/o/y", json=described),
    ):
        assert (answer.status_code, f"no {name} here" in answer.text) == (501, True)
    assert not bucket.blob("y").exists()


@pytest.mark.parametrize("beside", ["predefinedAcl=publicRead", "kmsKeyName=k"])
def test_protection_beside_an_upload_is_refused_too(bucket, client, cloud, beside):
    where = f"{cloud.endpoint}/upload/storage/v1/b/data/o?uploadType=media&name=x&{beside}"
    assert client._http.post(where, data=b"1").status_code == 501
    assert not bucket.blob("x").exists()


def test_a_generation_that_is_no_more_is_not_found(bucket, client):
    bucket.blob("x").upload_from_string(b"1")
    old = bucket.get_blob("x").generation
    bucket.blob("x").upload_from_string(b"2")
    stale, live = (bucket.blob("x", generation=one) for one in (old, bucket.get_blob("x").generation))
    attempts = {
        "read": lambda blob: blob.download_as_bytes(),
        "copy": lambda blob: bucket.copy_blob(blob, bucket, "y", source_generation=blob.generation),
        "rewrite": lambda blob: bucket.blob("y").rewrite(blob),
        "compose": lambda blob: bucket.blob("z").compose([blob]),
        "delete": lambda blob: blob.delete(),
    }
    for attempt in attempts.values():
        with pytest.raises(NotFound):
            attempt(stale)
        attempt(live)
    with pytest.raises(PreconditionFailed):
        bucket.copy_blob(bucket.blob("y"), bucket, "other", if_source_generation_match=old)


@pytest.mark.parametrize("name", ["../etc/passwd", "a/../../b", ".", "x\r\nSet-Cookie: y", "n" * 1025])
def test_a_name_that_leads_astray_is_refused(bucket, name):
    with pytest.raises(BadRequest):
        bucket.blob(name).upload_from_string(b"")


def test_a_content_type_cannot_add_a_header(bucket, cloud):
    with pytest.raises((BadRequest, ValueError)):
        bucket.blob("x").upload_from_string(b"", content_type="text/x\r\nSet-Cookie: y")
    assert cloud.store.objects.find("data") == []
