"""IAM is asked on every call: who lacks a permission gets 403, and the permission's name."""

import google.auth
import pytest
import requests
from google.api_core.exceptions import Forbidden, PreconditionFailed
from google.auth import impersonated_credentials
from google.auth.exceptions import RefreshError
from google.cloud import aiplatform, artifactregistry_v1, storage

from sandbox.api import access, discovery, dispatch, mapping
from sandbox.errors import SandboxError
from sandbox.iam import roles
from sandbox.workloads import containers
from tests.sandbox.api.conftest import furnish

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


def test_the_client_of_vertex_ai_asks_as_whoever_acts_now(cloud, act_as):
    aiplatform.init(project="p1", location="europe-west1")
    assert aiplatform.Model.list() == []
    act_as(ADA)
    with pytest.raises(Forbidden, match=r"aiplatform\.models\.list"):
        aiplatform.Model.list()


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


def test_who_may_only_create_does_not_replace(cloud, act_as):
    """P2b: an order that was placed stays as it was placed."""
    data = storage.Client().create_bucket("data")
    data.blob("other").upload_from_string(b"other")
    for role in ("roles/storage.objectCreator", "roles/storage.objectViewer"):
        grant(cloud, role, ADA)
    act_as(ADA)
    bucket = storage.Client().bucket("data")
    bucket.blob("orders/1").upload_from_string(b"1")
    chunked = bucket.blob("orders/1", chunk_size=262144)
    attempts = [
        lambda: bucket.blob("orders/1").upload_from_string(b"2"),
        lambda: chunked.upload_from_string(b"2" * 300_000),
        lambda: bucket.blob("orders/1").rewrite(bucket.blob("other")),
        lambda: bucket.copy_blob(bucket.blob("other"), bucket, "orders/1"),
        lambda: bucket.blob("orders/1").compose([bucket.blob("other")]),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden, match=r"storage\.objects\.delete.*objects/orders/1"):
            attempt()
    with pytest.raises(PreconditionFailed):
        bucket.blob("orders/1").upload_from_string(b"2", if_generation_match=0)
    with pytest.raises(SandboxError, match=r"needs storage\.objects\.delete"):
        containers.put(cloud.store, ADA, "data", "orders/1", b"2")
    assert bucket.blob("orders/1").download_as_bytes() == b"1"
    grant(cloud, "roles/storage.objectUser", ADA)
    bucket.blob("orders/1").upload_from_string(b"2")


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


@pytest.fixture
def ask(cloud):
    """One request as Ada, in plain HTTP."""

    def send(method, path, body=None):
        headers = {"Authorization": f"Bearer sandbox:{ADA}"}
        answer = requests.request(method, f"{cloud.endpoint}{path}", json=body, headers=headers, timeout=300)
        return answer.status_code, answer.json()

    return send


def test_what_a_body_names_lies_in_what_the_caller_was_judged_on(cloud, ask):
    """I4c: a right in one place is no right in another that the request only mentions."""
    furnish(cloud.store, "p2", "78")
    grant(cloud, "roles/aiplatform.user", ADA)
    store, board = f"/aiplatform/v1/{PARENT}/metadataStores", f"/aiplatform/v1/{PARENT}/tensorboards/1/experiments/e"
    operator = {"Authorization": "Bearer sandbox:operator"}

    def made(place, key, id_):
        found = requests.post(f"{cloud.endpoint}{place}?{key}={id_}", json={}, headers=operator, timeout=300)
        assert found.status_code == 200, found.text

    for place in (store, store.replace("p1", "p2")):
        made(place, "metadataStoreId", "default")
        for kind in ("context", "artifact", "execution"):
            made(f"{place}/default/{kind}s", f"{kind}Id", "x")
    far = f"{PARENT.replace('p1', 'p2')}/metadataStores/default"
    near, inside = f"{PARENT}/metadataStores/default", f"{store}/default"
    pairs = [
        ("contexts/x:addContextArtifactsAndExecutions", lambda it: {"artifacts": [f"{it}/artifacts/x"]}),
        ("contexts/x:addContextChildren", lambda it: {"childContexts": [f"{it}/contexts/x"]}),
        ("executions/x:addExecutionEvents", lambda it: {"events": [{"artifact": f"{it}/artifacts/x"}]}),
    ]
    for verb, body in pairs:
        assert ask("POST", f"{inside}/{verb}", body(far))[0] == 400
        assert ask("POST", f"{inside}/{verb}", body(near))[0] == 200
    name = f"{PARENT}/tensorboards/1/experiments/e"
    cloud.store.documents.put(mapping.kind("aiplatform", name), name, {"name": name})
    run = {"tensorboardRun": {"displayName": "r"}}
    foreign = run | {"tensorboardRunId": "b", "parent": name.replace("p1", "p2")}
    status, answer = ask("POST", f"{board}/runs:batchCreate", {"requests": [run | {"tensorboardRunId": "a"}, foreign]})
    assert (status, "is not in" in answer["error"]["message"]) == (400, True)
    assert ask("GET", f"{board}/runs")[1].get("tensorboardRuns") == [], "all or none"
    assert ask("POST", f"{board}/runs:batchCreate", {"requests": [run | {"tensorboardRunId": "a"}]})[0] == 200


def test_a_subscription_takes_the_right_to_attach_to_its_topic(cloud, ask):
    furnish(cloud.store, "p2", "78")
    cloud.store.put("google_pubsub_topic", "projects/p2/topics/news", {"name": "news", "project": "p2"})
    grant(cloud, "roles/pubsub.editor", ADA)
    given = {"topic": "projects/p2/topics/news"}
    status, answer = ask("PUT", "/pubsub/v1/projects/p1/subscriptions/mine", given)
    assert (status, "pubsub.topics.attachSubscription" in answer["error"]["message"]) == (403, True)
    grant(cloud, "roles/pubsub.subscriber", ADA, "p2")
    assert ask("PUT", "/pubsub/v1/projects/p1/subscriptions/mine", given)[0] == 200


@pytest.mark.parametrize("email", ["77-compute@developer.gserviceaccount.com", "robot@p1.iam.gserviceaccount.com"])
def test_work_runs_as_an_account_for_those_who_may_act_as_it(cloud, ask, email):
    cloud.store.number("project", "p1")
    email = email.replace("77", str(cloud.store.number("project", "p1")))
    account = f"projects/p1/serviceAccounts/{email}"
    cloud.store.put("google_service_account", account, {"email": email, "project": "p1", "id": account})
    for role in ("roles/aiplatform.user", "roles/cloudbuild.builds.editor"):
        grant(cloud, role, ADA)
    job = {"displayName": "j", "jobSpec": {"workerPoolSpecs": [{}], "serviceAccount": email}}
    trigger = {"name": "t", "filename": "x", "triggerTemplate": {"repoName": "x"}, "serviceAccount": account}
    attempts = [(f"/aiplatform/v1/{PARENT}/customJobs", job), ("/cloudbuild/v1/projects/p1/triggers", trigger)]
    for path, body in attempts:
        status, answer = ask("POST", path, body)
        assert (status, "iam.serviceAccounts.actAs" in answer["error"]["message"]) == (403, True), path
    grant(cloud, "roles/iam.serviceAccountUser", ADA)
    for path, body in attempts:
        assert ask("POST", path, body)[0] == 200, path


def test_operations_are_read_by_those_who_may(cloud, ask):
    cloud.operations.done(PARENT, "", {})
    (operation,) = cloud.operations.under(PARENT)
    for path in (f"/config/v1/{operation['name']}", f"/cloudkms/v1/{operation['name']}"):
        status, answer = ask("GET", path)
        assert (status, ".operations.get" in answer["error"]["message"]) == (403, True), path
    assert ask("GET", f"/artifactregistry/v1/{operation['name']}")[0] == 200, "there is no permission for these"
    grant(cloud, "roles/config.viewer", ADA)
    assert ask("GET", f"/config/v1/{operation['name']}")[0] == 200


def test_only_the_projects_of_the_caller_are_listed(cloud, ask):
    furnish(cloud.store, "p2", "78")
    for role in ("roles/browser", "roles/serviceusage.serviceUsageViewer"):
        grant(cloud, role, ADA)
    assert [one["id"] for one in ask("GET", "/bigquery/bigquery/v2/projects")[1]["projects"]] == ["p1"]
    for name, status in (("projects/p1/services/a.b", 200), ("projects/p2/services/a.b", 400), ("x", 400)):
        assert ask("GET", f"/serviceusage/v1/projects/p1/services:batchGet?names={name}")[0] == status
