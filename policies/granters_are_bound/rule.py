"""Who may grant roles on a project or the organization may grant only listed ones, or only below one folder."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-IAM-8"]
RESOURCES = ["google_project_iam_member", "google_organization_iam_member"]
GRANTERS = {
    *("roles/resourcemanager.projectIamAdmin", "roles/resourcemanager.organizationAdmin", "roles/iam.securityAdmin"),
    *("roles/resourcemanager.folderIamAdmin",),
}


def wrong(it: Values, house: House) -> object:
    expression = it.text("condition.expression")
    return it.text("role") in GRANTERS and "modifiedGrantsByRole" not in expression
