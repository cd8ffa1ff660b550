"""Every verb of Google's clients that the other tests do not need: listed, changed, removed, restored, granted."""

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import aiplatform_v1 as vertex
from google.cloud import artifactregistry_v1 as registry
from google.cloud import bigquery, config_v1, kms, orgpolicy_v2, pubsub_v1, storage
from google.cloud import resourcemanager_v3 as manager
from google.cloud import secretmanager as secrets
from google.cloud import service_usage_v1 as usage
from google.cloud.devtools import cloudbuild_v1 as builds
from google.cloud.devtools import cloudbuild_v2 as hosts

PLACE, GLOBAL = "projects/p1/locations/europe-west1", "projects/p1/locations/global"
MEMBER = "domain:example.com"


@pytest.fixture(autouse=True)
def account(cloud):
    name = "projects/p1/serviceAccounts/x@p1.iam.gserviceaccount.com"
    cloud.store.put("google_service_account", name, {"email": name.rpartition("/")[2], "project": "p1", "id": name})
    return name


def granted(client, resource, role):
    """Grant a role by the client's own policy methods and read it back."""
    policy = client.get_iam_policy(request={"resource": resource})
    policy.bindings.add(role=role, members=[MEMBER])
    client.set_iam_policy(request={"resource": resource, "policy": policy})
    found = client.get_iam_policy(request={"resource": resource})
    return [(binding.role, list(binding.members)) for binding in found.bindings] == [(role, [MEMBER])]


def names(listed):
    return sorted(one.name.rpartition("/")[2] for one in listed)


def test_keys(cloud):
    client, purpose = kms.KeyManagementServiceClient(), kms.CryptoKey.CryptoKeyPurpose.ENCRYPT_DECRYPT
    ring = client.create_key_ring(parent="projects/p1/locations/europe", key_ring_id="ring", key_ring={}).name
    assert client.get_key_ring(name=ring).name == ring
    assert names(client.list_key_rings(parent="projects/p1/locations/europe")) == ["ring"]
    key = client.create_crypto_key(parent=ring, crypto_key_id="data", crypto_key={"purpose": purpose}).name
    assert names(client.list_crypto_keys(parent=ring)) == ["data"]
    assert granted(client, key, "roles/cloudkms.cryptoKeyEncrypterDecrypter")
    before = client.encrypt(name=key, plaintext=b"x").ciphertext
    second = client.create_crypto_key_version(parent=key, crypto_key_version={}).name
    client.update_crypto_key_primary_version(name=key, crypto_key_version_id="2")
    assert client.get_crypto_key(name=key).primary.name == second
    assert client.decrypt(name=key, ciphertext=before).plaintext == b"x"
    states = kms.CryptoKeyVersion.CryptoKeyVersionState
    assert client.destroy_crypto_key_version(name=f"{key}/cryptoKeyVersions/1").state == states.DESTROY_SCHEDULED
    with pytest.raises(BadRequest):
        client.decrypt(name=key, ciphertext=before)
    client.restore_crypto_key_version(name=f"{key}/cryptoKeyVersions/1")
    changed = {"name": f"{key}/cryptoKeyVersions/1", "state": states.ENABLED}
    client.update_crypto_key_version(crypto_key_version=changed, update_mask={"paths": ["state"]})
    assert client.decrypt(name=key, ciphertext=before).plaintext == b"x"
    assert names(client.list_crypto_key_versions(parent=key)) == ["1", "2"]


def test_secrets(cloud):
    client = secrets.SecretManagerServiceClient()
    secret = client.create_secret(parent="projects/p1", secret_id="token", secret={"replication": {"automatic": {}}})
    client.add_secret_version(parent=secret.name, payload={"data": b"1"})
    assert client.get_secret(name=secret.name).name.endswith("/secrets/token")
    changed = {"name": secret.name, "labels": {"team": "churn"}}
    assert client.update_secret(secret=changed, update_mask={"paths": ["labels"]}).labels == {"team": "churn"}
    assert granted(client, secret.name, "roles/secretmanager.secretAccessor")
    version = f"{secret.name}/versions/1"
    client.disable_secret_version(name=version)
    assert client.enable_secret_version(name=version).state.name == "ENABLED"
    assert client.get_secret_version(name=version).state.name == "ENABLED"
    client.add_secret_version(parent=secret.name, payload={"data": b"2"})
    assert client.access_secret_version(name=f"{secret.name}/versions/latest").payload.data == b"2"
    client.disable_secret_version(name=f"{secret.name}/versions/2")
    with pytest.raises(BadRequest, match="DISABLED"):
        client.access_secret_version(name=f"{secret.name}/versions/latest")
    assert client.destroy_secret_version(name=version).state.name == "DESTROYED"
    with pytest.raises(BadRequest):
        client.access_secret_version(name=version)
    assert names(client.list_secret_versions(parent=secret.name)) == ["1", "2"]
    client.delete_secret(name=secret.name)
    with pytest.raises(NotFound):
        client.get_secret(name=secret.name)


def test_topics_and_subscriptions(cloud):
    publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient(transport="rest")
    topic = publisher.create_topic(name="projects/p1/topics/drift").name
    changed = {"name": topic, "labels": {"team": "churn"}}
    publisher.update_topic(topic=changed, update_mask={"paths": ["labels"]})
    assert publisher.get_topic(topic=topic).labels == {"team": "churn"}
    assert granted(publisher, topic, "roles/pubsub.publisher")
    one = subscriber.create_subscription(name="projects/p1/subscriptions/s", topic=topic, ack_deadline_seconds=20).name
    assert subscriber.get_subscription(subscription=one).ack_deadline_seconds == 20
    assert list(publisher.list_topic_subscriptions(topic=topic)) == [one]
    assert names(subscriber.list_subscriptions(project="projects/p1")) == ["s"]
    publisher.publish(topic, b"x").result(timeout=300)
    (held,) = subscriber.pull(subscription=one, max_messages=1).received_messages
    subscriber.modify_ack_deadline(subscription=one, ack_ids=[held.ack_id], ack_deadline_seconds=0)
    assert subscriber.pull(subscription=one, max_messages=1).received_messages
    subscriber.delete_subscription(subscription=one)
    publisher.delete_topic(topic=topic)
    with pytest.raises(NotFound):
        publisher.get_topic(topic=topic)


def test_builds_triggers_pools_and_connections(cloud, account):
    client = builds.CloudBuildClient()
    cloud.runners["build"] = lambda build: {"status": "SUCCESS"}
    begun = client.create_build(project_id="p1", build=builds.Build(steps=[builds.BuildStep(name="x")]))
    cloud.operations.wait()
    id_ = begun.metadata.build.id
    again = client.retry_build(project_id="p1", id=id_)
    cloud.operations.wait()
    assert again.metadata.build.id != id_
    assert {build.id for build in client.list_builds(project_id="p1")} == {id_, again.metadata.build.id}
    trigger = builds.BuildTrigger(name="apply", service_account=account, build=builds.Build(steps=[{"name": "x"}]))
    made = client.create_build_trigger(project_id="p1", trigger=trigger)
    assert [one.name for one in client.list_build_triggers(project_id="p1")] == ["apply"]
    made.description = "changed"
    client.update_build_trigger(project_id="p1", trigger_id=made.id, trigger=made)
    assert client.get_build_trigger(project_id="p1", trigger_id=made.id).description == "changed"
    client.delete_build_trigger(project_id="p1", trigger_id=made.id)
    pool = builds.WorkerPool(private_pool_v1_config={"worker_config": {"machine_type": "e2-medium"}})
    pool = client.create_worker_pool(parent=PLACE, worker_pool=pool, worker_pool_id="pool").result(300)
    assert client.get_worker_pool(name=pool.name).state.name == "RUNNING"
    assert names(client.list_worker_pools(parent=PLACE)) == ["pool"]
    client.delete_worker_pool(name=pool.name).result(300)
    vault = secrets.SecretManagerServiceClient()
    secret = vault.create_secret(parent="projects/p1", secret_id="t", secret={"replication": {"automatic": {}}})
    vault.add_secret_version(parent=secret.name, payload={"data": b"1"})
    agent = f"service-{cloud.store.number('project', 'p1')}@gcp-sa-cloudbuild.iam.gserviceaccount.com"
    policy = vault.get_iam_policy(request={"resource": secret.name})
    policy.bindings.add(role="roles/secretmanager.secretAccessor", members=[f"serviceAccount:{agent}"])
    vault.set_iam_policy(request={"resource": secret.name, "policy": policy})
    manager_ = hosts.RepositoryManagerClient()
    config = {"authorizer_credential": {"oauth_token_secret_version": "projects/p1/secrets/t/versions/1"}}
    connection = manager_.create_connection(
        parent=PLACE, connection={"github_config": config}, connection_id="hub"
    ).result(300)
    assert names(manager_.list_connections(parent=PLACE)) == ["hub"]
    repository = {"remote_uri": "https://github.com/acme/churn.git"}
    manager_.create_repository(parent=connection.name, repository=repository, repository_id="churn").result(300)
    assert names(manager_.list_repositories(parent=connection.name)) == ["churn"]
    manager_.delete_repository(name=f"{connection.name}/repositories/churn").result(300)
    manager_.delete_connection(name=connection.name).result(300)


def test_repositories(cloud):
    client = registry.ArtifactRegistryClient()
    docker = registry.Repository(format_=registry.Repository.Format.DOCKER)
    repository = client.create_repository(parent=PLACE, repository=docker, repository_id="images").result(300)
    assert names(client.list_repositories(parent=PLACE)) == ["images"]
    changed = {"name": repository.name, "description": "ours"}
    assert client.update_repository(repository=changed, update_mask={"paths": ["description"]}).description == "ours"
    assert granted(client, repository.name, "roles/artifactregistry.reader")
    client.delete_repository(name=repository.name).result(300)
    assert list(client.list_repositories(parent=PLACE)) == []


def test_the_tree_of_projects_and_its_tags(cloud):
    projects, folders = manager.ProjectsClient(), manager.FoldersClient()
    made = folders.create_folder(folder=manager.Folder(display_name="one", parent="organizations/1")).result(300).name
    assert folders.get_folder(name=made).display_name == "one"
    assert made in [one.name for one in folders.list_folders(parent="organizations/1")]
    changed = {"name": made, "display_name": "two"}
    assert (
        folders.update_folder(folder=changed, update_mask={"paths": ["display_name"]}).result(300).display_name == "two"
    )
    assert granted(folders, made, "roles/browser")
    project = projects.create_project(project=manager.Project(project_id="team-x", parent=made)).result(300).name
    assert [one.project_id for one in projects.list_projects(parent=made)] == ["team-x"]
    assert granted(projects, "projects/team-x", "roles/browser")
    projects.move_project(name="projects/team-x", destination_parent="organizations/1").result(300)
    assert projects.get_project(name=project).parent == "organizations/1"
    projects.delete_project(name=project).result(300)
    organizations = manager.OrganizationsClient()
    assert granted(organizations, "organizations/1", "roles/browser")
    keys, values = manager.TagKeysClient(), manager.TagValuesClient()
    key = keys.create_tag_key(tag_key={"parent": "organizations/1", "short_name": "env"}).result(300).name
    assert [one.short_name for one in keys.list_tag_keys(parent="organizations/1")] == ["env"]
    value = values.create_tag_value(tag_value={"parent": key, "short_name": "prod"}).result(300).name
    assert [one.short_name for one in values.list_tag_values(parent=key)] == ["prod"]
    with pytest.raises(BadRequest):
        keys.delete_tag_key(name=key)
    values.delete_tag_value(name=value).result(300)
    keys.delete_tag_key(name=key).result(300)


def test_organization_policies_and_constraints_of_ones_own(cloud):
    client = orgpolicy_v2.OrgPolicyClient()
    rule = orgpolicy_v2.PolicySpec.PolicyRule(values={"allowed_values": ["in:eu-locations"]})
    name = "organizations/1/policies/gcp.resourceLocations"
    spec = orgpolicy_v2.PolicySpec(rules=[rule])
    client.create_policy(parent="organizations/1", policy=orgpolicy_v2.Policy(name=name, spec=spec))
    effective = client.get_effective_policy(name="projects/p1/policies/gcp.resourceLocations")
    assert list(effective.spec.rules[0].values.allowed_values) == ["in:eu-locations"]
    policy = client.get_policy(name=name)
    policy.spec.rules[0].values.allowed_values.append("in:us-locations")
    assert len(client.update_policy(policy=policy).spec.rules[0].values.allowed_values) == 2
    client.delete_policy(name=name)
    assert list(client.list_policies(parent="organizations/1")) == []
    custom = orgpolicy_v2.CustomConstraint(name="organizations/1/customConstraints/custom.noPublic")
    custom.resource_types, custom.condition = ["storage.googleapis.com/Bucket"], "true"
    custom.method_types, custom.action_type = ["CREATE"], "DENY"
    made = client.create_custom_constraint(parent="organizations/1", custom_constraint=custom)
    assert names(client.list_custom_constraints(parent="organizations/1")) == ["custom.noPublic"]
    client.delete_custom_constraint(name=made.name)


def test_services_in_batches(cloud):
    client = usage.ServiceUsageClient()
    ids = ["dns.googleapis.com", "run.googleapis.com"]
    client.batch_enable_services(request={"parent": "projects/p1", "service_ids": ids}).result(300)
    asked = {"parent": "projects/p1", "names": [f"projects/p1/services/{id_}" for id_ in ids]}
    assert {one.state.name for one in client.batch_get_services(request=asked).services} == {"ENABLED"}


def test_deployments_are_listed_locked_and_unlocked(cloud, account):
    client = config_v1.ConfigClient()
    cloud.runners["deployment"] = lambda deployment: {}
    blueprint = config_v1.TerraformBlueprint(gcs_source="gs://catalog/x.zip")
    wanted = config_v1.Deployment(service_account=account, terraform_blueprint=blueprint)
    made = client.create_deployment(parent=PLACE, deployment_id="d", deployment=wanted).result(300)
    assert names(client.list_deployments(parent=PLACE)) == ["d"]
    assert names(client.list_revisions(parent=made.name)) == ["r-0"]
    made.labels["team"] = "churn"
    changed = client.update_deployment(deployment=made, update_mask={"paths": ["labels"]}).result(300)
    assert (dict(changed.labels), changed.latest_revision[-4:]) == ({"team": "churn"}, "/r-1")
    client.lock_deployment(name=made.name).result(300)
    lock = client.export_lock_info(name=made.name).lock_id
    with pytest.raises(Conflict, match="locked"):
        client.update_deployment(deployment=made)
    client.unlock_deployment(name=made.name, lock_id=lock).result(300)
    client.update_deployment(deployment=made).result(300)


def test_tables_routines_and_jobs(cloud):
    client = bigquery.Client(project="p1", location="EU")
    dataset = client.create_dataset("facts")
    assert [one.dataset_id for one in client.list_datasets()] == ["facts"]
    dataset.description = "ours"
    assert client.update_dataset(dataset, ["description"]).description == "ours"
    table = client.create_table(bigquery.Table("p1.facts.rows", [bigquery.SchemaField("x", "INTEGER")]))
    assert client.insert_rows_json(table, [{"x": 1}, {"x": 2}]) == []
    assert client.insert_rows_json(table, [{"x": "no"}])
    table.description = "rows"
    assert client.update_table(table, ["description"]).description == "rows"
    client.copy_table("p1.facts.rows", "p1.facts.copy").result()
    assert sorted(one.table_id for one in client.list_tables("facts")) == ["copy", "rows"]
    storage.Client().create_bucket("out")
    client.extract_table("p1.facts.rows", "gs://out/rows.csv").result()
    assert storage.Client().bucket("out").blob("rows.csv").download_as_text().split() == ["x", "1", "2"]
    job = client.query("SELECT 1")
    assert client.get_job(job.job_id).state == "DONE"
    assert client.cancel_job(job.job_id).job_id == job.job_id
    assert job.job_id in [one.job_id for one in client.list_jobs()]
    dry = client.query("SELECT x FROM facts.rows", job_config=bigquery.QueryJobConfig(dry_run=True))
    assert [field.name for field in dry.schema] == ["x"]
    pages = client.list_rows("p1.facts.rows", page_size=1).pages
    assert [[row["x"] for row in page] for page in pages] == [[1], [2]]
    with pytest.raises(BadRequest, match="in use"):
        client.delete_dataset("facts")
    client.delete_dataset("facts", delete_contents=True)
    with pytest.raises(NotFound):
        client.get_dataset("facts")


def test_objects_in_parts_and_pages(cloud):
    client = storage.Client()
    bucket = client.create_bucket("data")
    for name in ("a/1", "a/2", "b/1"):
        bucket.blob(name).upload_from_string(name)
    assert bucket.blob("a/1").download_as_bytes(start=1, end=2) == b"/1"
    listing = bucket.list_blobs(delimiter="/")
    assert ([blob.name for blob in listing], sorted(listing.prefixes)) == ([], ["a/", "b/"])
    assert [len(list(page)) for page in bucket.list_blobs(page_size=2).pages] == [2, 1]
    blob = bucket.get_blob("a/1")
    blob.metadata = {"team": "churn"}
    blob.patch()
    assert bucket.get_blob("a/1").metadata == {"team": "churn"}
    bucket.rename_blob(blob, "c/1")
    bucket.delete_blobs(list(bucket.list_blobs()))
    bucket.versioning_enabled = True
    bucket.patch()
    bucket.labels = {"team": "churn"}
    bucket.update()
    assert client.get_bucket("data").labels == {"team": "churn"}
    bucket.delete()


def test_vertex_lists_and_removes(cloud):
    models, endpoints = vertex.ModelServiceClient(), vertex.EndpointServiceClient()
    model = models.upload_model(parent=PLACE, model={"display_name": "m"}, timeout=300).result(300).model
    changed = {"name": model, "description": "ours"}
    assert models.update_model(model=changed, update_mask={"paths": ["description"]}).description == "ours"
    endpoint = endpoints.create_endpoint(parent=PLACE, endpoint={"display_name": "e"}).result(300).name
    changed = {"name": endpoint, "description": "ours"}
    endpoints.update_endpoint(endpoint=changed, update_mask={"paths": ["description"]})
    assert [one.description for one in endpoints.list_endpoints(parent=PLACE)] == ["ours"]
    endpoints.delete_endpoint(name=endpoint).result(300)
    models.delete_model(name=model).result(300)
    with pytest.raises(NotFound):
        models.get_model(name=model)
    warehouse, features = bigquery.Client(project="p1", location="EU"), vertex.FeatureRegistryServiceClient()
    warehouse.create_dataset("f")
    warehouse.create_table(bigquery.Table("p1.f.t", [bigquery.SchemaField("id", "STRING")]))
    source = {"big_query": {"big_query_source": {"input_uri": "bq://p1.f.t"}, "entity_id_columns": ["id"]}}
    group = features.create_feature_group(parent=PLACE, feature_group=source, feature_group_id="g").result(300).name
    features.create_feature(parent=group, feature={}, feature_id="tenure").result(300)
    assert names(features.list_features(parent=group)) == ["tenure"]
    features.delete_feature(name=f"{group}/features/tenure").result(300)
    assert names(features.list_feature_groups(parent=PLACE)) == ["g"]
    features.delete_feature_group(name=group).result(300)
    indexes = vertex.IndexServiceClient()
    about = {"display_name": "i", "metadata": {"config": {"dimensions": 2}}, "index_update_method": "STREAM_UPDATE"}
    index = indexes.create_index(parent=PLACE, index=about).result(300).name
    points = [{"datapoint_id": "a", "feature_vector": [1, 0]}]
    indexes.upsert_datapoints(request={"index": index, "datapoints": points})
    indexes.remove_datapoints(request={"index": index, "datapoint_ids": ["a"]})
    assert [one.name for one in indexes.list_indexes(parent=PLACE)] == [index]
    indexes.delete_index(name=index).result(300)
