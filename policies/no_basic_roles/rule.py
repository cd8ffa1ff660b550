"""Nobody holds a basic role (owner, editor, viewer): they reach every service."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-2"]
RESOURCES = ["google_*_iam_member", "google_*_iam_binding"]


def wrong(it: Values, house: House) -> object:
    return it.text("role").endswith(("roles/owner", "roles/editor", "roles/viewer"))
