import re

import pytest

from tests.cloud_run import PROJECT, SETTINGS, Cloud


@pytest.fixture
def cloud(tmp_path):
    opened = Cloud(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def stack(cloud):
    return cloud.stack()


BUCKET = {"name": "acme-raw", "location": "EU"}


def test_defaults_of_the_provider_block_and_labels(stack):
    labels = {"team": "a", "level": "provider"}
    settings = SETTINGS | {"default_labels": labels}
    stack.write(
        {"google_storage_bucket": {"b": BUCKET | {"labels": {"level": "own"}}}},
        provider={"google": settings},
        output={"b": {"value": "${google_storage_bucket.b}"}},
    )
    bucket = stack.apply()["b"]
    everything = {"team": "a", "level": "own", "goog-terraform-provisioned": "true"}
    assert bucket["project"] == PROJECT
    assert bucket["labels"] == {"level": "own"}
    assert bucket["terraform_labels"] == bucket["effective_labels"] == everything
    assert bucket["storage_class"] == "STANDARD"
    assert stack.changes() == {}


def test_two_provider_blocks_in_one_run_stay_apart(stack):
    stack.write(
        {"google_pubsub_topic": {"here": {"name": "t"}, "there": {"name": "t", "provider": "google.other"}}},
        provider={"google": [SETTINGS, SETTINGS | {"alias": "other", "project": "acme-other"}]},
        output={"p": {"value": ["${google_pubsub_topic.here.project}", "${google_pubsub_topic.there.project}"]}},
    )
    assert stack.apply()["p"] == [PROJECT, "acme-other"]


def test_updates_in_place_keep_what_google_decided(stack, cloud):
    key = {"name": "k", "key_ring": "projects/p/locations/eu/keyRings/r", "rotation_period": "7776000s"}
    stack.write({"google_kms_crypto_key": {"k": key}}).apply()
    ((_, before),) = cloud.store.find("google_kms_crypto_key")
    stack.write({"google_kms_crypto_key": {"k": key | {"rotation_period": "604800s"}}})
    assert stack.changes() == {"google_kms_crypto_key.k": "update"}
    stack.apply()
    ((_, after),) = cloud.store.find("google_kms_crypto_key")
    assert after == before | {"rotation_period": "604800s"}
    assert stack.changes() == {}


GRANT = {"project": PROJECT, "role": "roles/viewer"}
SUBNETWORK = {"network": "n", "ip_cidr_range": "10.0.0.0/20"}
CONDITION = {"title": "t", "expression": "true"}
CHANGES = {
    "google_storage_bucket.moved": ({"name": "a", "location": "EU"}, {"location": "US"}, "replace"),
    "google_storage_bucket.colder": ({"name": "b", "location": "EU"}, {"storage_class": "NEARLINE"}, "update"),
    "google_storage_bucket.kept": ({"name": "c", "location": "EU"}, {"versioning": {"enabled": True}}, "update"),
    "google_compute_subnetwork.grown": (SUBNETWORK | {"name": "g"}, {"ip_cidr_range": "10.0.0.0/16"}, "update"),
    "google_compute_subnetwork.shrunk": (SUBNETWORK | {"name": "s"}, {"ip_cidr_range": "10.0.0.0/24"}, "replace"),
    "google_project_iam_member.m": (GRANT | {"member": "user:a@b.c"}, {"condition": CONDITION}, "replace"),
    "google_project_iam_binding.b": (
        GRANT | {"members": ["user:a@b.c"]},
        {"members": ["user:z@b.c", "user:a@b.c"]},
        "update",
    ),
}


def test_what_a_change_does(stack):
    before, after = {}, {}
    for address, (config, change, _) in CHANGES.items():
        type_, name = address.split(".")
        before.setdefault(type_, {})[name] = config
        after.setdefault(type_, {})[name] = config | change
    stack.write(before).apply()
    assert stack.changes() == {}
    stack.write(after)
    assert stack.changes() == {address: action for address, (_, _, action) in CHANGES.items()}
    stack.apply()
    assert stack.changes() == {}


def test_no_difference_where_google_makes_none(stack):
    rule = {"action": {"type": "Delete"}, "condition": {"age": 3}}
    bucket = BUCKET | {"lifecycle_rule": [rule], "labels": {"a": "b"}}
    stack.write({"google_storage_bucket": {"b": bucket}}).apply()
    stack.write({"google_storage_bucket": {"b": bucket | {"requester_pays": False, "cors": []}}})
    assert stack.changes() == {}


def test_numbers_no_float_holds_and_policies_that_share_a_perimeter(stack, cloud):
    perimeter = {"perimeter": "accessPolicies/1/servicePerimeters/p"}
    policies = {name: perimeter | {"title": name} for name in ("a", "b")}
    budget = {"billing_account": "0-0", "amount": {"last_period_amount": True}}
    stack.write(
        {
            "google_billing_budget": {"b": budget | {"threshold_rules": [{"threshold_percent": 0.9}]}},
            "google_access_context_manager_service_perimeter_dry_run_egress_policy": policies,
        }
    ).apply()
    assert stack.changes() == {}
    assert cloud.store.count() == 3


def test_ignored_changes_are_ignored(stack):
    stack.write({"google_storage_bucket": {"b": BUCKET | {"labels": {"a": "b"}}}}).apply()
    lifecycle = {"lifecycle": {"ignore_changes": ["labels"]}}
    stack.write({"google_storage_bucket": {"b": BUCKET | {"labels": {"a": "c"}} | lifecycle}})
    assert stack.changes() == {}


def test_what_somebody_deleted_is_made_again_and_what_somebody_changed_is_seen(stack, cloud):
    stack.write({"google_storage_bucket": {"b": BUCKET}, "google_pubsub_topic": {"t": {"name": "t"}}}).apply()
    cloud.store.delete("google_pubsub_topic", f"projects/{PROJECT}/topics/t")
    bucket = cloud.store.get("google_storage_bucket", "acme-raw")
    cloud.store.put("google_storage_bucket", "acme-raw", bucket | {"storage_class": "NEARLINE"})
    assert stack.changes() == {"google_pubsub_topic.t": "create", "google_storage_bucket.b": "update"}


def test_every_problem_of_a_configuration_is_found_with_its_place(stack):
    stack.write(
        {
            "google_storage_bucket": {"b": BUCKET | {"self_link": "mine"}},
            "google_compute_subnetwork": {
                "s": {"name": "s", "network": "n", "ip_cidr_range": "10.0.0.0/24", "stack_type": "IPV5"}
            },
            "google_project_iam_member": {"m": {"project": "p", "role": "roles/viewer", "member": "ana@example.com"}},
        }
    )
    said = stack.refused("validate")
    assert 'configure a value for "self_link"' in said
    assert "in resource.google_storage_bucket.b" in said
    assert re.search(r'expected stack_type to be one of \[.*"IPV4_ONLY".*\], got IPV5', said)
    assert 'invalid value "ana@example.com" for member' in said


def test_a_resource_without_project_is_refused(stack):
    stack.write({"google_pubsub_topic": {"t": {"name": "t"}}}, provider={"google": {}})
    assert "project: required field is not set" in stack.refused()


def test_what_exists_cannot_be_made_again(cloud):
    cloud.stack("one").write({"google_storage_bucket": {"b": BUCKET}}).apply()
    two = cloud.stack("two").write({"google_storage_bucket": {"b": BUCKET | {"project": "acme-other"}}})
    assert "Error 409: acme-raw already exists., alreadyExists" in two.refused()
    grant = {"bucket": "acme-raw", "role": "roles/x", "member": "user:a@example.com"}
    for name in ("three", "four"):
        cloud.stack(name).write({"google_storage_bucket_iam_member": {"m": grant}}).apply()


def test_a_stack_finds_what_another_one_made_by_data_source(cloud):
    reader = cloud.stack("reader").write(
        data={"google_project": {"p": {"project_id": "acme-data"}}, "google_iam_policy": {"p": {"binding": []}}},
        output={"n": {"value": "${data.google_project.p.number}"}},
    )
    assert "Error 404" in reader.refused()
    project = {"project_id": "acme-data", "name": "Data", "deletion_policy": "DELETE"}
    maker = cloud.stack("maker").write(
        {"google_project": {"p": project}}, output={"n": {"value": "${google_project.p.number}"}}
    )
    assert maker.apply() == reader.apply()


def test_write_only_values_are_never_kept(stack, cloud):
    secret = {"secret_id": "s", "replication": {"auto": {}}}
    version = {
        "secret": "${google_secret_manager_secret.s.id}",
        "secret_data_wo": "hidden",
        "secret_data_wo_version": 1,
    }
    stack.write({"google_secret_manager_secret": {"s": secret}, "google_secret_manager_secret_version": {"v": version}})
    stack.apply()
    assert stack.changes() == {}
    assert "hidden" not in (stack.folder / "terraform.tfstate").read_text()
    assert "hidden" not in str(list(cloud.store.everything()))


def test_objects_land_in_the_bucket(stack, cloud):
    (stack.folder / "page.txt").write_text("from a file")
    stack.write(
        {
            "google_storage_bucket": {"b": BUCKET | {"force_destroy": True}},
            "google_storage_bucket_object": {
                "text": {"bucket": "${google_storage_bucket.b.name}", "name": "a/text", "content": "hello"},
                "file": {"bucket": "${google_storage_bucket.b.name}", "name": "a/file", "source": "page.txt"},
            },
        }
    ).apply()
    assert stack.changes() == {}
    assert cloud.store.objects.get("acme-raw", "a/text").data == b"hello"
    assert cloud.store.objects.get("acme-raw", "a/file").data == b"from a file"
    stack.destroy()
    assert cloud.store.objects.find("acme-raw") == []
