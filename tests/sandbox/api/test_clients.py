"""Google's clients, unmodified, against the sandbox: each makes, reads and changes what Terraform would see."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.api_core.exceptions import BadRequest, Conflict, GoogleAPICallError, NotFound
from google.cloud import artifactregistry_v1 as registry
from google.cloud import config_v1, kms, orgpolicy_v2, pubsub_v1
from google.cloud import resourcemanager_v3 as manager
from google.cloud import secretmanager as secrets
from google.cloud import service_usage_v1 as usage
from google.cloud.devtools import cloudbuild_v1 as builds

PLACE = "projects/p1/locations/europe-west1"
ACCOUNT = "x@p1.iam.gserviceaccount.com"


@pytest.fixture(autouse=True)
def account(cloud):
    name = f"projects/p1/serviceAccounts/{ACCOUNT}"
    cloud.store.put("google_service_account", name, {"email": ACCOUNT, "project": "p1", "id": name})
    return name


def test_a_repository_is_the_one_that_terraform_knows(cloud):
    client = registry.ArtifactRegistryClient()
    wanted = registry.Repository(format_=registry.Repository.Format.DOCKER, labels={"team": "churn"})
    made = client.create_repository(parent=PLACE, repository=wanted, repository_id="images").result(timeout=300)
    held = cloud.store.get("google_artifact_registry_repository", f"{PLACE}/repositories/images")
    assert (held["format"], held["labels"], made.labels) == ("DOCKER", {"team": "churn"}, {"team": "churn"})
    cloud.store.put("google_artifact_registry_repository", held["id"], held | {"description": "by Terraform"})
    assert client.get_repository(name=made.name).description == "by Terraform"
    with pytest.raises(Conflict, match="already exists"):
        client.create_repository(parent=PLACE, repository=wanted, repository_id="images")
    client.delete_repository(name=made.name).result(timeout=300)
    with pytest.raises(NotFound):
        client.get_repository(name=made.name)


def test_a_stale_policy_is_refused(cloud):
    client = registry.ArtifactRegistryClient()
    docker = registry.Repository(format_=registry.Repository.Format.DOCKER)
    client.create_repository(parent=PLACE, repository=docker, repository_id="images").result(timeout=300)
    name = f"{PLACE}/repositories/images"
    policy = client.get_iam_policy(request={"resource": name})
    policy.bindings.add(role="roles/artifactregistry.reader", members=["domain:example.com"])
    client.set_iam_policy(request={"resource": name, "policy": policy})
    with pytest.raises(Conflict, match="stale"):
        client.set_iam_policy(request={"resource": name, "policy": policy})


def test_keys_encrypt_and_sign(cloud):
    client, types = kms.KeyManagementServiceClient(), kms.CryptoKey.CryptoKeyPurpose
    ring = client.create_key_ring(parent="projects/p1/locations/europe", key_ring_id="ring", key_ring={})
    secret = client.create_crypto_key(
        parent=ring.name, crypto_key_id="data", crypto_key={"purpose": types.ENCRYPT_DECRYPT}
    )
    sealed = client.encrypt(name=secret.name, plaintext=b"hello").ciphertext
    assert sealed != b"hello"
    assert client.decrypt(name=secret.name, ciphertext=sealed).plaintext == b"hello"
    with pytest.raises(BadRequest):
        client.decrypt(name=secret.name, ciphertext=sealed[:-1] + bytes([sealed[-1] ^ 1]))
    template = {"algorithm": kms.CryptoKeyVersion.CryptoKeyVersionAlgorithm.EC_SIGN_P256_SHA256}
    signer = {"purpose": types.ASYMMETRIC_SIGN, "version_template": template}
    version = client.create_crypto_key(parent=ring.name, crypto_key_id="sign", crypto_key=signer).name
    version += "/cryptoKeyVersions/1"
    digest = hashlib.sha256(b"image").digest()
    signature = client.asymmetric_sign(name=version, digest={"sha256": digest}).signature
    public = serialization.load_pem_public_key(client.get_public_key(name=version).pem.encode())
    public.verify(signature, b"image", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(BadRequest):
        client.encrypt(name=version.partition("/cryptoKeyVersions")[0], plaintext=b"x")


def test_secrets_have_versions(cloud):
    client = secrets.SecretManagerServiceClient()
    secret = client.create_secret(parent="projects/p1", secret_id="token", secret={"replication": {"automatic": {}}})
    for data in (b"one", b"two"):
        client.add_secret_version(parent=secret.name, payload={"data": data})
    assert client.access_secret_version(name=f"{secret.name}/versions/1").payload.data == b"one"
    assert client.access_secret_version(name=f"{secret.name}/versions/latest").payload.data == b"two"
    client.disable_secret_version(name=f"{secret.name}/versions/1")
    with pytest.raises(BadRequest, match="DISABLED"):
        client.access_secret_version(name=f"{secret.name}/versions/1")
    assert len(cloud.store.find("google_secret_manager_secret_version")) == 2


def test_what_is_published_waits_in_the_subscription(cloud):
    publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient(transport="rest")
    topic = publisher.create_topic(name="projects/p1/topics/drift")
    subscription = subscriber.create_subscription(name="projects/p1/subscriptions/s", topic=topic.name).name
    id_ = publisher.publish(topic.name, b"data", kind="alert").result(timeout=300)
    (held,) = subscriber.pull(subscription=subscription, max_messages=5).received_messages
    assert (held.message.message_id, held.message.data, held.message.attributes["kind"]) == (id_, b"data", "alert")
    subscriber.acknowledge(subscription=subscription, ack_ids=[held.ack_id])
    assert not subscriber.pull(subscription=subscription, max_messages=5).received_messages
    assert [found.name for found in publisher.list_topics(project="projects/p1")] == [topic.name]


def test_projects_and_folders_are_found_and_made(cloud):
    projects, folders = manager.ProjectsClient(), manager.FoldersClient()
    folder = folders.create_folder(folder=manager.Folder(display_name="teams", parent="organizations/1")).result(300)
    wanted = manager.Project(project_id="team-two", display_name="Two", parent=folder.name)
    made = projects.create_project(project=wanted).result(timeout=300)
    assert (made.project_id, made.parent) == ("team-two", folder.name)
    assert projects.get_project(name=made.name).project_id == "team-two"
    assert sorted(found.project_id for found in projects.search_projects()) == ["p1", "team-two"]
    assert cloud.store.get("google_project", "projects/team-two")["folder_id"] == folder.name.rpartition("/")[2]
    with pytest.raises(BadRequest, match="not empty"):
        folders.delete_folder(name=folder.name)


def test_an_api_is_enabled_and_disabled(cloud):
    client = usage.ServiceUsageClient()
    name = "projects/p1/services/dns.googleapis.com"
    assert client.get_service(request={"name": name}).state == usage.State.DISABLED
    client.enable_service(request={"name": name}).result(timeout=300)
    assert cloud.store.get("google_project_service", "p1/dns.googleapis.com") is not None
    client.disable_service(request={"name": name}).result(timeout=300)
    enabled = client.list_services(request={"parent": "projects/p1", "filter": "state:ENABLED"})
    assert "dns.googleapis.com" not in {found.config.name for found in enabled}


def test_a_build_is_run_by_its_runner(cloud, account):
    ran = []
    cloud.runners["build"] = lambda build: ran.append(build["steps"][0]["args"]) or {"status": "FAILURE"}
    client = builds.CloudBuildClient()
    build = builds.Build(steps=[builds.BuildStep(name="python", args=["-V"])])
    begun = client.create_build(project_id="p1", build=build)
    cloud.operations.wait()
    found = client.get_build(project_id="p1", id=begun.metadata.build.id)
    assert (ran, found.status) == ([["-V"]], builds.Build.Status.FAILURE)


def test_without_a_runner_no_build_succeeds(cloud):
    client = builds.CloudBuildClient()
    begun = client.create_build(project_id="p1", build=builds.Build(steps=[builds.BuildStep(name="x")]))
    cloud.operations.wait()
    found = client.get_build(project_id="p1", id=begun.metadata.build.id)
    assert (found.status, found.status_detail[:7]) == (builds.Build.Status.CANCELLED, "SANDBOX")


def test_a_triggered_build_waits_for_its_approval_and_remembers_who_gave_it(cloud, account, act_as):
    client = builds.CloudBuildClient()
    trigger = builds.BuildTrigger(
        name="apply",
        service_account=account,
        approval_config={"approval_required": True},
        build=builds.Build(steps=[builds.BuildStep(name="terraform", args=["apply"])]),
    )
    made = client.create_build_trigger(project_id="p1", trigger=trigger)
    cloud.runners["build"] = lambda build: {}
    client.run_build_trigger(project_id="p1", trigger_id=made.id, source={"commit_sha": "abc1234def"})
    (waiting,) = client.list_builds(project_id="p1")
    assert waiting.status == builds.Build.Status.PENDING
    member = "user:grace@example.com"
    values = {"project": "p1", "role": "roles/cloudbuild.builds.approver", "member": member, "condition": []}
    cloud.store.put("google_project_iam_member", f"p1/{values['role']}/{member}", values)
    act_as(member)
    builds.CloudBuildClient().approve_build(name=waiting.name, approval_result={"decision": 1})
    cloud.operations.wait()
    found = client.get_build(project_id="p1", id=waiting.id)
    assert found.status == builds.Build.Status.SUCCESS
    assert found.approval.result.approver_account == "grace@example.com"
    assert found.substitutions["SHORT_SHA"] == "abc1234"


def test_a_cancelled_build_stays_cancelled_and_a_retried_one_waits_for_its_approval_again(cloud, account):
    client = builds.CloudBuildClient()
    steps = builds.Build(steps=[builds.BuildStep(name="terraform", args=["apply"])])
    trigger = builds.BuildTrigger(
        name="apply", service_account=account, approval_config={"approval_required": True}, build=steps
    )
    made, ran = client.create_build_trigger(project_id="p1", trigger=trigger), []

    def runner(build):
        ran.append(build["id"])
        client.cancel_build(project_id="p1", id=build["id"])
        return {"status": "SUCCESS"}

    cloud.runners["build"] = runner
    client.run_build_trigger(project_id="p1", trigger_id=made.id, source={"commit_sha": "abc1234def"})
    (waiting,) = client.list_builds(project_id="p1")
    client.cancel_build(project_id="p1", id=waiting.id)
    with pytest.raises(BadRequest, match="waits for no approval"):
        client.approve_build(name=waiting.name, approval_result={"decision": 1})
    again = client.retry_build(project_id="p1", id=waiting.id).metadata.build
    assert (client.get_build(project_id="p1", id=again.id).status, ran) == (builds.Build.Status.PENDING, [])
    client.approve_build(name=again.name, approval_result={"decision": 1})
    cloud.operations.wait()
    assert ran == [again.id]
    assert client.get_build(project_id="p1", id=again.id).status == builds.Build.Status.CANCELLED


def test_a_deployment_is_applied_by_its_runner(cloud, account):
    client = config_v1.ConfigClient()
    blueprint = config_v1.TerraformBlueprint(gcs_source="gs://catalog/bucket.zip")
    wanted = config_v1.Deployment(service_account=account, terraform_blueprint=blueprint)
    cloud.runners["deployment"] = lambda deployment: {"state": "ACTIVE"}
    made = client.create_deployment(parent=PLACE, deployment_id="d1", deployment=wanted).result(timeout=300)
    assert (made.state, made.latest_revision[-4:]) == (config_v1.Deployment.State.ACTIVE, "/r-0")
    del cloud.runners["deployment"]
    failed = client.create_deployment(parent=PLACE, deployment_id="d2", deployment=wanted).result(timeout=300)
    assert failed.state == config_v1.Deployment.State.FAILED


def test_an_organization_policy_is_terraforms(cloud):
    client = orgpolicy_v2.OrgPolicyClient()
    rule = orgpolicy_v2.PolicySpec.PolicyRule(values={"allowed_values": ["in:eu-locations"]})
    name = "projects/p1/policies/gcp.resourceLocations"
    policy = orgpolicy_v2.Policy(name=name, spec=orgpolicy_v2.PolicySpec(rules=[rule]))
    assert client.create_policy(parent="projects/p1", policy=policy).name == name
    (held,) = [values for _, values in cloud.store.find("google_org_policy_policy")]
    assert held["spec"][0]["rules"][0]["values"][0]["allowed_values"] == ["in:eu-locations"]
    assert [found.name for found in client.list_policies(parent="projects/p1")] == [name]


def test_what_breaks_a_law_names_its_rule(cloud):
    wanted = registry.Repository(format_=registry.Repository.Format.DOCKER, kms_key_name="projects/p1/locations/x/y")
    missing = f"{PLACE.replace('p1', 'nobody')}"
    with pytest.raises(GoogleAPICallError, match="nobody"):
        registry.ArtifactRegistryClient().create_repository(parent=missing, repository=wanted, repository_id="images")
