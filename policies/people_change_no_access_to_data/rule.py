"""No person holds a role that changes who reads a bucket, a dataset, a secret or a key."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-7"]
RESOURCES = ["google_*_iam_member"]
GRANTS = {
    *("roles/storage.admin", "roles/storage.legacyBucketOwner", "roles/bigquery.admin", "roles/bigquery.dataOwner"),
    *("roles/secretmanager.admin", "roles/cloudkms.admin", "roles/resourcemanager.projectIamAdmin"),
    *("roles/resourcemanager.folderIamAdmin", "roles/resourcemanager.organizationAdmin"),
    *("roles/iam.securityAdmin", "roles/pubsub.admin", "roles/artifactregistry.admin", "roles/aiplatform.admin"),
}


def wrong(it: Values, house: House) -> object:
    person = it.text("member").startswith(("group:", "user:", "domain:"))
    return person and it.text("role") in GRANTS
