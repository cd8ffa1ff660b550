"""No resource replaces all grants of a place: what others granted would be lost."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-IAM-12"]
RESOURCES = ["google_*_iam_policy", "google_project_iam_member", "google_*_iam_binding"]


def wrong(it: Values, house: House) -> object:
    return not it.type.endswith("_iam_member")
