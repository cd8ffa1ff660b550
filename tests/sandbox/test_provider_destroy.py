import pytest

from tests.cloud_run import PROJECT, Cloud

DESTROY = ("destroy", "-auto-approve")


@pytest.fixture
def cloud(tmp_path):
    opened = Cloud(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def stack(cloud):
    return cloud.stack()


def test_a_project_that_must_not_be_deleted(stack):
    project = {"project_id": "acme-data", "name": "Data", "org_id": "1"}
    stack.write({"google_project": {"p": project}}).apply()
    assert "deletion_policy is set to PREVENT" in stack.refused(*DESTROY)
    stack.write({"google_project": {"p": project | {"deletion_policy": "DELETE"}}}).apply()
    stack.destroy()


def test_a_project_takes_everything_along_and_its_id_is_gone_for_ever(cloud):
    project = {"project_id": "acme-data", "name": "Data", "deletion_policy": "DELETE"}
    maker = cloud.stack("maker").write({"google_project": {"p": project}})
    maker.apply()
    cloud.stack("user").write(
        {
            "google_pubsub_topic": {"t": {"name": "t", "project": "acme-data"}},
            "google_storage_bucket": {"b": {"name": "b-of-data", "location": "EU", "project": "acme-data"}},
        }
    ).apply()
    cloud.store.objects.put("b-of-data", "x", b"")
    maker.destroy()
    assert cloud.store.count() == 0
    assert cloud.store.objects.find("b-of-data") == []
    assert cloud.store.kept() == [("google_project", "projects/acme-data")]
    assert "Error 409" in maker.refused("apply", "-auto-approve")


def test_a_peering_that_is_let_go_of_goes_with_its_network(cloud):
    owner = cloud.stack("owner").write({"google_compute_network": {"n": {"name": "n"}}})
    owner.apply()
    network = f"projects/{PROJECT}/global/networks/n"
    peering = {"network": network, "service": "servicenetworking.googleapis.com", "reserved_peering_ranges": ["r"]}
    user = cloud.stack("user").write(
        {"google_service_networking_connection": {"c": peering | {"deletion_policy": "ABANDON"}}}
    )
    user.apply()
    user.destroy()
    assert cloud.store.get("google_service_networking_connection", f"{network}:{peering['service']}") is not None
    owner.destroy()
    assert cloud.store.count() == 0


def test_key_rings_stay_and_can_be_imported(stack, cloud):
    ring = {"google_kms_key_ring": {"r": {"name": "ring", "location": "eu"}}}
    id_ = f"projects/{PROJECT}/locations/eu/keyRings/ring"
    stack.write(ring).apply()
    stack.destroy()
    assert cloud.store.kept() == [("google_kms_key_ring", id_)]
    assert "Error 409" in stack.refused()
    stack.write(ring, **{"import": [{"to": "google_kms_key_ring.r", "id": id_}]}).apply()
    assert stack.changes() == {}
    assert cloud.store.kept() == []


def test_a_bucket_with_objects(stack, cloud):
    bucket = {"name": "acme-raw", "location": "EU"}
    stack.write({"google_storage_bucket": {"b": bucket}}).apply()
    cloud.store.objects.put("acme-raw", "data.csv", b"1")
    said = stack.refused(*DESTROY)
    assert "containing objects without `force_destroy`" in said
    assert "data.csv" in said
    stack.write({"google_storage_bucket": {"b": bucket | {"force_destroy": True}}}).apply()
    stack.destroy()


def test_a_dataset_with_tables(cloud):
    dataset = {"dataset_id": "sales"}
    owner = cloud.stack("owner").write({"google_bigquery_dataset": {"d": dataset}})
    owner.apply()
    table = {"dataset_id": "sales", "table_id": "t", "deletion_protection": False}
    cloud.stack("user").write({"google_bigquery_table": {"t": table}}).apply()
    assert "is still in use" in owner.refused(*DESTROY)
    owner.write({"google_bigquery_dataset": {"d": dataset | {"delete_contents_on_destroy": True}}}).apply()
    owner.destroy()
    assert cloud.store.count() == 0


def test_a_folder_with_children(cloud):
    folder = {"display_name": "Teams", "parent": "organizations/1", "deletion_protection": False}
    owner = cloud.stack("owner").write(
        {"google_folder": {"f": folder}}, output={"id": {"value": "${google_folder.f.folder_id}"}}
    )
    number = owner.apply()["id"]
    project = {"project_id": "acme-data", "name": "Data", "folder_id": number, "deletion_policy": "DELETE"}
    user = cloud.stack("user").write({"google_project": {"p": project}})
    user.apply()
    assert "Folder is not empty" in owner.refused(*DESTROY)
    user.destroy()
    owner.destroy()


def test_deletion_protection(stack):
    table = {"dataset_id": "d", "table_id": "t"}
    stack.write({"google_bigquery_table": {"t": table}}).apply()
    assert "without setting deletion_protection=false" in stack.refused(*DESTROY)
