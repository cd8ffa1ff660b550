"""Nobody holds a basic role (owner, editor, viewer): they reach every service."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-2"]
RESOURCES = ["google_*_iam_member", "google_*_iam_binding", "google_privileged_access_manager_entitlement"]


def wrong(it: Values, house: House) -> object:
    roles = it.all("role") + it.all("privileged_access.gcp_iam_access.role_bindings.role")
    return [one for one in roles if str(one).endswith(("roles/owner", "roles/editor", "roles/viewer"))]
