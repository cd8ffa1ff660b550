"""No person starts builds or launches: that is what triggers and the catalog are for."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-IAM-6"]
RESOURCES = ["google_*_iam_member"]
STARTS = (
    "roles/cloudbuild.builds.editor",
    "roles/cloudbuild.builds.builder",
    "roles/config.admin",
    "roles/config.agent",
)


def wrong(it: Values, house: House) -> object:
    person = it.text("member").startswith(("group:", "user:", "domain:"))
    return person and it.text("role").startswith(STARTS)
