"""IAM on the wire by the table iam_cases.yaml: who reads under which policies, and what comes of it.

The answers were written from Google's documentation and nothing here asks the evaluator; each is a request of a client.
"""

from pathlib import Path

import pytest
import yaml
from google.api_core.exceptions import Forbidden
from google.cloud import storage

ADA, BO = "user:ada@example.com", "user:bo@example.com"
VIEWER, ADMIN = "roles/storage.objectViewer", "roles/storage.admin"
CASES = yaml.safe_load(Path(__file__).with_name("iam_cases.yaml").read_text())

PARENTS = {
    "project": ("google_project_iam_member", {"project": "p1"}, "projects/p1", "projects/77"),
    "folder": ("google_folder_iam_member", {"folder": "folders/11"}, "folders/11", "folders/11"),
    "organization": ("google_organization_iam_member", {"org_id": "1"}, "organizations/1", "organizations/1"),
    "bucket": ("google_storage_bucket_iam_member", {"bucket": "b/data"}, "", ""),
}
MANAGER = "//cloudresourcemanager.googleapis.com/"


@pytest.fixture
def estate(cloud):
    """A bucket with two objects, and a group with one member."""
    storage.Client().create_bucket("data").blob("in/x").upload_from_string(b"here")
    group = {"id": "groups/t", "name": "groups/t", "parent": "customers/C0", "group_key": [{"id": "team@example.com"}]}
    cloud.store.put("google_cloud_identity_group", "groups/t", group)
    member = {"group": "groups/t", "preferred_member_key": [{"id": "ada@example.com"}]}
    cloud.store.put("google_cloud_identity_group_membership", "ada", member)
    return cloud


def furnish(cloud, case):
    for number, (place, role, member, *expressions) in enumerate(case.get("grants", ())):
        type_, parent, _, _ = PARENTS[place]
        condition = [{"title": "t", "expression": one} for one in expressions]
        cloud.store.put(type_, f"grant-{number}", parent | {"role": role, "member": member, "condition": condition})
    for number, (place, principals, excepted, permissions, *expressions) in enumerate(case.get("denials", ())):
        rule = {"denied_principals": principals, "exception_principals": excepted}
        rule |= {"denied_permissions": permissions, "exception_permissions": []}
        rule["denial_condition"] = [{"title": "t", "expression": one} for one in expressions]
        parent = f"cloudresourcemanager.googleapis.com/{PARENTS[place][2]}".replace("/", "%2F")
        values = {"parent": parent, "name": f"d{number}", "rules": [{"deny_rule": [rule]}]}
        cloud.store.put("google_iam_deny_policy", f"d{number}", values)
    cloud.store.put("google_tags_tag_key", "tagKeys/5", {"id": "tagKeys/5", "namespaced_name": "1/env"})
    for number, (place, value) in enumerate(case.get("tags", {}).items()):
        id_ = f"tagValues/{number}"
        cloud.store.put("google_tags_tag_value", id_, {"id": id_, "parent": "tagKeys/5", "short_name": value})
        bound = {"parent": MANAGER + PARENTS[place][3], "tag_value": id_}
        cloud.store.put("google_tags_tag_binding", f"b{number}", bound)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_read_is_answered_as_the_documentation_says(estate, act_as, case):
    furnish(estate, case)
    act_as(case.get("who", ADA))
    blob = storage.Client().bucket("data").blob("in/x")
    if case["allowed"]:
        assert blob.download_as_bytes() == b"here"
        return
    with pytest.raises(Forbidden, match=r"storage\.objects\.get"):
        blob.download_as_bytes()


def test_who_may_only_grant_some_roles_grants_no_other(estate, act_as):
    """A delegated grant: the condition is about what the new policy changes, not about what it holds."""
    only = f"api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['{VIEWER}'])"
    condition = [{"title": "delegated", "expression": only}]
    kept = {"bucket": "b/data", "role": "roles/storage.objectAdmin", "member": BO, "condition": []}
    estate.store.put("google_storage_bucket_iam_member", f"b/data/{kept['role']}/{BO}", kept)
    grant = {"project": "p1", "role": ADMIN, "member": ADA, "condition": condition}
    estate.store.put("google_project_iam_member", "delegated", grant)
    reads = {"project": "p1", "role": "roles/storage.legacyBucketOwner", "member": ADA, "condition": condition}
    estate.store.put("google_project_iam_member", "reads", reads)
    bucket = storage.Client().bucket("data")
    policy = bucket.get_iam_policy(requested_policy_version=3)
    act_as(ADA)
    bucket = storage.Client().bucket("data")
    policy.bindings.append({"role": VIEWER, "members": {"user:cy@example.com"}})
    policy = bucket.set_iam_policy(policy)
    policy.bindings.append({"role": ADMIN, "members": {"user:cy@example.com"}})
    with pytest.raises(Forbidden, match=r"storage\.buckets\.setIamPolicy"):
        bucket.set_iam_policy(policy)
