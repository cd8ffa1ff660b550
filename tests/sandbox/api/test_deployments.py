"""Infrastructure Manager through Google's client: an archive becomes resources by real Terraform, and goes again."""

import io
import zipfile

import pytest
from google.api_core.exceptions import Conflict, Forbidden, NotFound
from google.cloud import config_v1, storage

from sandbox.session import running
from sandbox.workloads.deployments import Manager
from tests.terraform_folder import SCHEMA

PLACE = "projects/p1/locations/europe-west1"
ACCOUNT = "launch@p1.iam.gserviceaccount.com"
MAIN = """
variable "name" { type = string }
resource "google_storage_bucket" "it" {
  project                     = "p1"
  name                        = var.name
  location                    = "EU"
  uniform_bucket_level_access = true
}
output "url" { value = google_storage_bucket.it.url }
"""


@pytest.fixture
def catalog(cloud, tmp_path):
    """A sandbox with an archive in a bucket, an account that may read it, and somebody who applies."""
    account = f"projects/p1/serviceAccounts/{ACCOUNT}"
    cloud.store.put("google_service_account", account, {"email": ACCOUNT, "project": "p1", "id": account})
    grant = {"bucket": "b/catalog", "role": "roles/storage.objectViewer", "member": f"serviceAccount:{ACCOUNT}"}
    cloud.store.put("google_storage_bucket_iam_member", "reader", grant | {"condition": []})
    maker = {"project": "p1", "role": "roles/storage.admin", "member": f"serviceAccount:{ACCOUNT}", "condition": []}
    cloud.store.put("google_project_iam_member", "p1/maker", maker)
    for key, role in (("state", "roles/config.admin"), ("log", "roles/logging.logWriter")):
        cloud.store.put("google_project_iam_member", f"p1/{key}", maker | {"role": role})
    runs = grant | {"role": "roles/storage.objectCreator", "condition": []}
    cloud.store.put("google_storage_bucket_iam_member", "runs", runs)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.tf", MAIN)
    storage.Client().create_bucket("catalog").blob("bucket.zip").upload_from_string(packed.getvalue())
    manager = Manager(tmp_path / "deployments", lambda: running(tmp_path, schema=SCHEMA))
    cloud.runners |= {"deployment": manager.deploy, "preview": manager.preview}
    return cloud


def deployment(name: str) -> config_v1.Deployment:
    inputs = {"name": config_v1.TerraformVariable(input_value=name)}
    blueprint = config_v1.TerraformBlueprint(gcs_source="gs://catalog/bucket.zip", input_values=inputs)
    account = f"projects/p1/serviceAccounts/{ACCOUNT}"
    return config_v1.Deployment(
        service_account=account, terraform_blueprint=blueprint, artifacts_gcs_bucket="gs://catalog/runs"
    )


def test_an_archive_is_applied_changed_and_taken_down(catalog):
    client = config_v1.ConfigClient()
    made = client.create_deployment(parent=PLACE, deployment_id="d1", deployment=deployment("images")).result(300)
    assert made.state == config_v1.Deployment.State.ACTIVE, made.state_detail
    revision = client.get_revision(name=made.latest_revision)
    assert revision.apply_results.outputs["url"].value == "gs://images"
    (held,) = client.list_resources(parent=revision.name)
    assert held.terraform_info.address == "google_storage_bucket.it"
    assert storage.Client().bucket("images").exists()
    with pytest.raises(Conflict, match="already exists"):
        client.create_deployment(parent=PLACE, deployment_id="d1", deployment=deployment("images"))
    preview = config_v1.Preview(deployment=made.name, terraform_blueprint=deployment("pictures").terraform_blueprint)
    asked = {"parent": PLACE, "preview_id": "p1", "preview": preview}
    shown = client.create_preview(request=asked).result(300)
    (change,) = client.list_resource_changes(parent=shown.name)
    assert list(change.terraform_info.actions) == ["delete", "create"]
    client.delete_deployment(name=made.name).result(300)
    assert not storage.Client().bucket("images").exists()
    with pytest.raises(NotFound):
        client.get_deployment(name=made.name)


def test_a_deployment_makes_only_what_its_own_account_may(catalog):
    catalog.store.delete("google_project_iam_member", "p1/maker")
    client = config_v1.ConfigClient()
    failed = client.create_deployment(parent=PLACE, deployment_id="d3", deployment=deployment("images")).result(300)
    assert failed.state == config_v1.Deployment.State.FAILED
    assert "Permission 'storage.buckets.create' denied" in failed.state_detail
    assert not storage.Client().bucket("images").exists()


def test_what_google_refuses_fails_the_deployment_and_names_the_resource(catalog):
    client = config_v1.ConfigClient()
    storage.Client().create_bucket("taken")
    failed = client.create_deployment(parent=PLACE, deployment_id="d2", deployment=deployment("taken")).result(300)
    assert failed.state == config_v1.Deployment.State.FAILED
    (error,) = failed.tf_errors
    assert (error.resource_address, error.http_response_code) == ("google_storage_bucket.it", 409)


def test_the_account_reads_the_archive_and_the_caller_may_act_as_it(catalog, act_as):
    catalog.store.delete("google_storage_bucket_iam_member", "reader")
    catalog.store.delete("google_project_iam_member", "p1/maker")
    client = config_v1.ConfigClient()
    failed = client.create_deployment(parent=PLACE, deployment_id="d3", deployment=deployment("images")).result(300)
    assert f"{ACCOUNT} needs storage.objects.get" in failed.state_detail
    ada = "user:ada@example.com"
    values = {"project": "p1", "role": "roles/config.admin", "member": ada, "condition": []}
    catalog.store.put("google_project_iam_member", "ada", values)
    act_as(ada)
    with pytest.raises(Forbidden, match=r"iam\.serviceAccounts\.actAs"):
        config_v1.ConfigClient().create_deployment(parent=PLACE, deployment_id="d4", deployment=deployment("images"))


@pytest.mark.parametrize(
    ("packed", "told"),
    [(b"no zip", "cannot be unpacked"), ("../../x.tf", "leads out of the blueprint"), (None, "no such object")],
)
def test_an_archive_that_is_none_fails_the_deployment_and_says_why(catalog, packed, told):
    blob = storage.Client().bucket("catalog").blob("bucket.zip")
    if packed is None:
        blob.delete()
    elif isinstance(packed, bytes):
        blob.upload_from_string(packed)
    else:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr(packed, MAIN)
        blob.upload_from_string(held.getvalue())
    client = config_v1.ConfigClient()
    failed = client.create_deployment(parent=PLACE, deployment_id="d5", deployment=deployment("images")).result(300)
    assert failed.state == config_v1.Deployment.State.FAILED
    assert told in failed.state_detail


def test_the_account_keeps_the_state_and_what_its_runs_say(catalog):
    """Without a bucket that is named Infrastructure Manager makes one as the account."""
    client = config_v1.ConfigClient()

    def ended(id_, asked):
        return client.create_deployment(parent=PLACE, deployment_id=id_, deployment=asked).result(300).state_detail

    assert ended("kept", deployment("images")) == ""
    catalog.store.delete("google_project_iam_member", "p1/state")
    assert "needs config.deployments.getState" in ended("d4", deployment("other"))
    state = {"project": "p1", "role": "roles/config.admin", "member": f"serviceAccount:{ACCOUNT}", "condition": []}
    catalog.store.put("google_project_iam_member", "p1/state", state)
    catalog.store.delete("google_project_iam_member", "p1/maker")
    catalog.store.delete("google_storage_bucket_iam_member", "runs")
    assert "needs storage.objects.create" in ended("d5", deployment("other"))
    unnamed = deployment("other")
    unnamed.artifacts_gcs_bucket = ""
    assert "needs storage.buckets.create" in ended("d6", unnamed)
