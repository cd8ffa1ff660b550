"""Perimeters on the wire: what is enforced refuses in Google's shape, what is a dry run only writes a line."""

import json

import pytest
from google.api_core.exceptions import BadRequest, Forbidden
from google.cloud import bigquery, secretmanager, storage

from sandbox import redirect, violations

ADA, ROBOT = "user:ada@example.com", "serviceAccount:job@p2.iam.gserviceaccount.com"
PREFIX = "google_access_context_manager_"
INNER = "accessPolicies/1/servicePerimeters/inner"
DOOR = {
    "perimeter": INNER,
    "ingress_from": [{"identities": [ADA], "sources": [{"access_level": "accessPolicies/1/accessLevels/office"}]}],
    "ingress_to": [
        {
            "resources": ["projects/77"],
            "operations": [
                {"service_name": "storage.googleapis.com", "method_selectors": [{"permission": "storage.objects.get"}]}
            ],
        }
    ],
}


@pytest.fixture
def fenced(cloud):
    """Project p1 (number 77) inside an enforced perimeter that restricts Storage and BigQuery; p2 outside of all."""
    storage.Client().create_bucket("data").blob("x").upload_from_string(b"here")
    bigquery.Client().create_dataset("facts")
    values = {"project_id": "p2", "name": "p2", "number": "78", "folder_id": "11", "org_id": "", "id": "projects/p2"}
    cloud.store.put("google_project", "projects/p2", values)
    for who in (ADA, ROBOT):
        for role in ("roles/storage.admin", "roles/bigquery.admin", "roles/secretmanager.admin"):
            grant = {"project": "p1", "role": role, "member": who, "condition": []}
            cloud.store.put("google_project_iam_member", f"p1/{role}/{who}", grant)
    office = {"name": "accessPolicies/1/accessLevels/office"}
    office["basic"] = [{"conditions": [{"ip_subnetworks": ["192.0.2.0/24"]}]}]
    cloud.store.put(f"{PREFIX}access_level", office["name"], office)
    enforce(cloud, "status")
    return cloud


def enforce(cloud, half):
    services = [f"{name}.googleapis.com" for name in ("storage", "bigquery")]
    said = {"name": INNER, "status": [], "spec": [], half: [{"restricted_services": services, "resources": []}]}
    cloud.store.put(f"{PREFIX}service_perimeter", INNER, said)
    kind = "service_perimeter_resource" if half == "status" else "service_perimeter_dry_run_resource"
    for other in ("service_perimeter_resource", "service_perimeter_dry_run_resource"):
        cloud.store.delete(f"{PREFIX}{other}", "p1")
    cloud.store.put(f"{PREFIX}{kind}", "p1", {"perimeter_name": INNER, "resource": "projects/77"})


def open_door(cloud):
    cloud.store.put(f"{PREFIX}service_perimeter_ingress_policy", "door", DOOR)


def read():
    return storage.Client().bucket("data").blob("x").download_as_bytes()


def refused(call):
    with pytest.raises(Forbidden, match="Request is prohibited by organization's policy") as caught:
        call()
    return caught.value


@pytest.fixture
def come(monkeypatch, act_as):
    def change(who, origin=""):
        act_as(who)
        monkeypatch.setenv(redirect.ORIGIN, origin)

    return change


def test_from_outside_a_restricted_service_is_not_reachable_whatever_iam_says(fenced, come):
    come(ADA, "internet")
    problem = refused(read)
    body = json.loads(problem.response.content) if problem.response.content else {}
    assert "vpcServiceControlsUniqueIdentifier" in str(problem)
    assert body == {} or body["error"]["details"][0]["violations"][0]["type"] == "VPC_SERVICE_CONTROLS"
    come(ADA, "projects/p1")
    assert read() == b"here"


# What Google's documentation says should come of each call, written down before the evaluator was asked.
CASES = [
    (ADA, "projects/p1", True),
    (ADA, "internet", False),
    (ADA, "", False),
    (ADA, "workplace", True),
    (ADA, "projects/p2", False),
    (ROBOT, "", False),
    (ROBOT, "workplace", False),
    (ROBOT, "projects/p1", True),
]


@pytest.mark.parametrize(("who", "origin", "passes"), CASES)
def test_a_door_lets_in_who_it_names_from_where_it_says(fenced, come, who, origin, passes):
    open_door(fenced)
    come(who, origin)
    if passes:
        assert read() == b"here"
    else:
        refused(read)


def test_a_door_is_for_what_it_names_only(fenced, come):
    open_door(fenced)
    come(ADA, "workplace")
    assert read() == b"here"
    refused(lambda: storage.Client().bucket("data").blob("y").upload_from_string(b"new"))
    refused(lambda: bigquery.Client().get_dataset("facts"))


def test_a_service_that_the_perimeter_does_not_restrict_is_reachable(fenced, come):
    come(ADA, "internet")
    assert list(secretmanager.SecretManagerServiceClient().list_secrets(parent="projects/p1")) == []


def test_who_stands_inside_gets_out_only_by_rule(fenced, come):
    come(ADA, "projects/p1")
    storage_admin = {"project": "p2", "role": "roles/storage.admin", "member": ADA, "condition": []}
    fenced.store.put("google_project_iam_member", "p2/ada", storage_admin)
    service = {"project": "p2", "service": "storage.googleapis.com", "id": "p2/storage.googleapis.com"}
    fenced.store.put("google_project_service", service["id"], service)
    refused(lambda: list(storage.Client(project="p2").list_buckets()))
    way = {"perimeter": INNER, "egress_from": [{"identity_type": "ANY_USER_ACCOUNT"}]}
    operations = [{"service_name": "storage.googleapis.com", "method_selectors": [{"method": "*"}]}]
    way["egress_to"] = [{"resources": ["projects/78"], "operations": operations}]
    fenced.store.put(f"{PREFIX}service_perimeter_egress_policy", "out", way)
    assert list(storage.Client(project="p2").list_buckets()) == []


def test_a_dry_run_refuses_nothing_and_writes_what_it_would_have_refused(fenced, come):
    enforce(fenced, "spec")
    come(ADA, "internet")
    assert read() == b"here"
    told = {line["permission"]: line for line in violations.noted(fenced.store.path.parent)}["storage.objects.get"]
    assert (told["dryRun"], told["principal"]) == (True, ADA)
    assert "would refuse it once it is enforced: no ingress rule from internet" in told["why"]
    enforce(fenced, "status")
    refused(read)
    assert violations.noted(fenced.store.path.parent)[-1]["dryRun"] is False


def test_a_door_of_the_dry_run_opens_nothing_that_is_enforced(fenced, come):
    fenced.store.put(f"{PREFIX}service_perimeter_dry_run_ingress_policy", "door", DOOR)
    come(ADA, "workplace")
    refused(read)
    open_door(fenced)
    assert read() == b"here"


def test_an_origin_that_is_none_is_refused(fenced, come):
    come(ADA, "the moon")
    with pytest.raises(BadRequest, match="write internet, workplace or projects/ID"):
        read()
