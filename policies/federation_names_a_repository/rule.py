"""An outside identity is one repository, never a whole pool."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-10"]
RESOURCES = ["google_*_iam_member"]


def wrong(it: Values, house: House) -> object:
    outside = it.text("member").startswith("principalSet://iam.googleapis.com/projects/")
    return outside and "/attribute.repository/" not in it.text("member")
