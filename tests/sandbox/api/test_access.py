"""IAM is asked on every call: who lacks a permission gets 403, and the permission's name."""

import google.auth
import pytest
from google.api_core.exceptions import Forbidden
from google.auth import impersonated_credentials
from google.auth.exceptions import RefreshError
from google.cloud import artifactregistry_v1, storage

from sandbox.api import access, discovery, dispatch
from sandbox.iam import roles

ADA = "user:ada@example.com"
PARENT = "projects/p1/locations/europe-west1"


def grant(cloud, role, member, project="p1"):
    values = {"project": project, "role": role, "member": member, "condition": []}
    cloud.store.put("google_project_iam_member", f"{project}/{role}/{member}", values)


def test_without_a_grant_the_missing_permission_is_named(cloud, act_as):
    storage.Client().create_bucket("data")
    act_as(ADA)
    with pytest.raises(Forbidden, match=r"storage\.buckets\.get.*projects/_/buckets/data"):
        storage.Client().get_bucket("data")
    with pytest.raises(Forbidden, match=r"storage\.objects\.create"):
        storage.Client().bucket("data").blob("x").upload_from_string(b"")
    with pytest.raises(Forbidden, match=r"artifactregistry\.repositories\.list.*projects/p1'"):
        list(artifactregistry_v1.ArtifactRegistryClient().list_repositories(parent=PARENT))


def test_a_grant_made_by_terraform_opens_the_door(cloud, act_as):
    storage.Client().create_bucket("data").blob("x").upload_from_string(b"here")
    grant(cloud, "roles/storage.objectViewer", ADA)
    act_as(ADA)
    assert storage.Client().bucket("data").blob("x").download_as_bytes() == b"here"
    with pytest.raises(Forbidden, match=r"storage\.objects\.delete"):
        storage.Client().bucket("data").blob("x").delete()


def test_a_grant_made_by_the_client_opens_the_same_door(cloud, act_as):
    bucket = storage.Client().create_bucket("data")
    policy = bucket.get_iam_policy(requested_policy_version=3)
    policy.bindings.append({"role": "roles/storage.objectCreator", "members": {ADA}})
    bucket.set_iam_policy(policy)
    act_as(ADA)
    storage.Client().bucket("data").blob("x").upload_from_string(b"1", if_generation_match=0)
    with pytest.raises(Forbidden, match=r"storage\.objects\.get"):
        storage.Client().bucket("data").blob("x").download_as_bytes()


def test_asking_for_permissions_answers_only_those_held(cloud, act_as):
    storage.Client().create_bucket("data")
    grant(cloud, "roles/storage.objectViewer", ADA)
    act_as(ADA)
    asked = ["storage.objects.get", "storage.objects.delete"]
    assert storage.Client().bucket("data").test_iam_permissions(asked) == ["storage.objects.get"]


def test_an_api_that_nobody_enabled_does_not_answer(cloud):
    cloud.store.delete("google_project_service", "p1/artifactregistry.googleapis.com")
    with pytest.raises(Forbidden, match="disabled"):
        list(artifactregistry_v1.ArtifactRegistryClient().list_repositories(parent=PARENT))


def test_every_permission_belongs_to_a_method_that_exists():
    known = {
        method
        for name, versions in discovery.versions().items()
        for version in versions
        for method in discovery.api(name, version).methods
    }
    assert set(access.permissions()) - known == set()


def test_every_method_with_a_file_of_its_own_has_a_permission():
    own = {*dispatch.methods(), *dispatch.raw_methods()}
    assert own - set(access.permissions()) == set()


def test_every_permission_is_one_that_a_role_of_googles_has():
    assert set(filter(None, access.permissions().values())) - roles.permissions() == set()


def test_a_copy_needs_reading_the_source_and_writing_the_target(cloud, act_as):
    """I4c: who may write somewhere cannot carry away what they may not read."""
    storage.Client().create_bucket("source").blob("x").upload_from_string(b"secret")
    storage.Client().create_bucket("target")
    grant(cloud, "roles/storage.objectCreator", ADA)
    act_as(ADA)
    bucket = storage.Client().bucket("source")
    with pytest.raises(Forbidden, match=r"storage\.objects\.get.*buckets/source/objects/x"):
        bucket.copy_blob(bucket.blob("x"), storage.Client().bucket("target"), "y")
    with pytest.raises(Forbidden, match=r"storage\.objects\.get.*buckets/source/objects/x"):
        storage.Client().bucket("target").blob("y").rewrite(bucket.blob("x"))


def test_a_condition_on_an_objects_name_counts_for_what_is_written(cloud, act_as):
    """P2b: a grant for one folder of a bucket opens that folder and no other."""
    storage.Client().create_bucket("data")
    expression = 'resource.name.startsWith("projects/_/buckets/data/objects/in/")'
    values = {"bucket": "data", "role": "roles/storage.objectCreator", "member": ADA}
    condition = [{"title": "in", "expression": expression}]
    cloud.store.put("google_storage_bucket_iam_member", "one", values | {"condition": condition})
    act_as(ADA)
    bucket = storage.Client().bucket("data")
    bucket.blob("in/x").upload_from_string(b"1", if_generation_match=0)
    chunked = bucket.blob("out/x", chunk_size=262144)
    for blob in (bucket.blob("out/x"), chunked):
        with pytest.raises(Forbidden, match=r"storage\.objects\.create.*objects/out/x"):
            blob.upload_from_string(b"1" * 300_000)


def test_who_may_make_tokens_acts_as_the_account_and_who_may_not_does_not(cloud, act_as):
    email = "robot@p1.iam.gserviceaccount.com"
    account = f"projects/p1/serviceAccounts/{email}"
    cloud.store.put("google_service_account", account, {"email": email, "project": "p1", "id": account})
    storage.Client().create_bucket("data").blob("x").upload_from_string(b"here")
    grant(cloud, "roles/storage.objectViewer", f"serviceAccount:{email}")
    act_as(ADA)
    scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    robot = impersonated_credentials.Credentials(google.auth.default()[0], email, scopes)
    with pytest.raises(RefreshError, match=r"iam\.serviceAccounts\.getAccessToken"):
        storage.Client(credentials=robot, project="p1").bucket("data").blob("x").download_as_bytes()
    grant(cloud, "roles/iam.serviceAccountTokenCreator", ADA)
    assert storage.Client(credentials=robot, project="p1").bucket("data").blob("x").download_as_bytes() == b"here"
    with pytest.raises(Forbidden, match=r"storage\.objects\.get"):
        storage.Client().bucket("data").blob("x").download_as_bytes()
