import re
from datetime import UTC, datetime, timedelta

import pytest

from sandbox import creation
from sandbox.codec import UNKNOWN, wholly_known
from sandbox.configuration import Configuration
from sandbox.planning import plan
from sandbox.store import Store
from tests.minimal_configuration import configuration

SETTINGS = Configuration(project="acme-data", region="europe-west3", zone="europe-west3-a")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cloud.db") as opened:
        yield opened


@pytest.fixture
def make(store, schemas):
    def made(type_, **config):
        schema = schemas.google if type_ in schemas.google.resources else schemas.beta
        block = schema.resource(type_)
        return creation.create(store, type_, block, plan(block, config, None), SETTINGS, None)

    return made


def test_projects_have_a_number_that_everything_about_them_repeats(make, store):
    number = make("google_project", project_id="acme-data", name="Data")["number"]
    assert re.fullmatch(r"[1-9]\d{11}", number)
    secret = make("google_secret_manager_secret", secret_id="token")
    assert secret["name"] == f"projects/{number}/secrets/token"
    assert secret["id"] == "projects/acme-data/secrets/token"
    version = make("google_secret_manager_secret_version", secret=secret["id"])
    assert version["name"] == f"projects/{number}/secrets/token/versions/1"
    assert make("google_secret_manager_secret_version", secret=secret["id"])["version"] == "2"
    agent = make("google_project_service_identity", project="acme-data", service="aiplatform.googleapis.com")
    assert agent["email"] == f"service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
    assert agent["member"] == f"serviceAccount:{agent['email']}"
    sink = make("google_logging_project_sink", name="all", destination="x")
    assert sink["writer_identity"] == f"serviceAccount:service-{number}@gcp-sa-logging.iam.gserviceaccount.com"


def test_a_moment_is_told_in_the_unit_that_it_is_asked_in(make):
    table = make("google_bigquery_table", dataset_id="sales", table_id="people")
    born = datetime.fromtimestamp(int(table["creation_time"]) / 1000, UTC)
    assert abs(datetime.now(UTC) - born) < timedelta(minutes=5)


def test_service_accounts(make):
    account = make("google_service_account", account_id="runner")
    email = "runner@acme-data.iam.gserviceaccount.com"
    assert account["email"] == email
    assert account["member"] == f"serviceAccount:{email}"
    assert account["name"] == account["id"] == f"projects/acme-data/serviceAccounts/{email}"
    assert re.fullmatch(r"\d{21}", account["unique_id"])
    key = make("google_service_account_key", service_account_id=account["name"])
    assert re.fullmatch(re.escape(account["name"]) + r"/keys/[0-9a-f]{40}", key["id"])


def test_folders_tags_and_policies(make):
    folder = make("google_folder", display_name="Teams", parent="organizations/123")
    assert folder["id"] == folder["name"] == f"folders/{folder['folder_id']}"
    key = make("google_tags_tag_key", parent="organizations/123", short_name="env")
    assert key["id"] == f"tagKeys/{key['name']}"
    value = make("google_tags_tag_value", parent=key["id"], short_name="prod")
    assert value["id"] == f"tagValues/{value['name']}"
    assert value["namespaced_name"] == "123/env/prod"
    policy = make("google_access_context_manager_access_policy", parent="organizations/123", title="t")
    assert re.fullmatch(r"\d{12}", policy["name"])


def test_networks(make):
    network = make("google_compute_network", name="net")
    assert network["id"] == "projects/acme-data/global/networks/net"
    assert network["self_link"] == f"https://www.googleapis.com/compute/v1/{network['id']}"
    subnetwork = make("google_compute_subnetwork", name="a", network=network["id"], ip_cidr_range="10.1.0.0/20")
    assert subnetwork["gateway_address"] == "10.1.0.1"
    assert subnetwork["id"] == "projects/acme-data/regions/europe-west3/subnetworks/a"
    address = make("google_compute_global_address", name="range")
    assert re.fullmatch(r"10(\.\d+){3}", address["address"])
    assert make("google_compute_global_address", name="given", address="10.9.0.0")["address"] == "10.9.0.0"


def test_keys_have_a_primary_version(make):
    key = make("google_kms_crypto_key", name="data", key_ring="projects/acme-data/locations/eu/keyRings/ring")
    assert key["primary"] == [{"name": f"{key['id']}/cryptoKeyVersions/1", "state": "ENABLED"}]


def test_generated_names_stand_in_their_collection(make):
    alert = make("google_monitoring_alert_policy", display_name="a", combiner="OR")
    assert re.fullmatch(r"projects/acme-data/alertPolicies/\d{12}", alert["name"])
    budget = make("google_billing_budget", billing_account="0000-1111")
    assert re.fullmatch(r"billingAccounts/0000-1111/budgets/[0-9a-f-]{36}", budget["id"])
    trigger = make("google_cloudbuild_trigger", location="global")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", trigger["trigger_id"])
    assert trigger["id"] == f"projects/acme-data/locations/global/triggers/{trigger['trigger_id']}"


def test_what_google_allows_twice_gets_two_ids(make):
    one = make("google_monitoring_alert_policy", display_name="a", combiner="OR")
    two = make("google_monitoring_alert_policy", display_name="a", combiner="OR")
    assert one["id"] != two["id"]


def test_iam_ids_carry_role_member_and_condition(make):
    grant = {"bucket": "b", "role": "roles/x", "member": "user:a@example.com"}
    assert make("google_storage_bucket_iam_member", **grant)["id"] == "b/b/roles/x/user:a@example.com"
    condition = [{"title": "t", "description": None, "expression": "true"}]
    assert make("google_storage_bucket_iam_member", **grant, condition=condition)["id"].endswith("example.com/t//true")
    project = make(
        "google_project_iam_member", project="acme-data", role="projects/acme-data/roles/own", member="user:a"
    )
    assert project["id"] == "acme-data/projects/acme-data/roles/own/user:a"


def test_times_look_like_googles_and_values_repeat(make, store):
    first = make("google_pubsub_topic", name="t")
    bucket = make("google_storage_bucket", name="b", location="EU")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", bucket["time_created"])
    store.delete("google_pubsub_topic", first["id"])
    assert make("google_pubsub_topic", name="t") == first


def test_a_name_after_a_prefix(make):
    template = make("google_compute_instance_template", name_prefix="worker-", machine_type="e2-small")
    assert re.fullmatch(r"worker-\d{12}", template["name"])


def test_blocks_google_fills(make):
    cluster = make("google_container_cluster", name="c", location="europe-west3")
    (auth,) = cluster["master_auth"]
    assert auth["cluster_ca_certificate"]
    (policy,) = make("google_storage_bucket", name="b", location="EU")["soft_delete_policy"]
    assert policy["retention_duration_seconds"] == 604800


def test_every_type_is_completed_without_unknowns_and_never_says_what_it_is(make, schemas, store):
    for type_ in sorted(schemas.beta.resources):
        block = schemas.beta.resource(type_)
        values = creation.create(store, type_, block, plan(block, configuration(type_, block), None), SETTINGS, None)
        assert wholly_known(values), type_
        assert isinstance(values["id"], str), type_
        assert "mock" not in str(values).lower().replace("mocks", ""), type_


def test_unknown_is_recognised_inside():
    assert not wholly_known({"a": [{"b": UNKNOWN}]})
