"""Who may grant roles on a project or the organization may grant only listed ones, or only below one folder."""

import re

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-IAM-8"]
RESOURCES = ["google_project_iam_member", "google_folder_iam_member", "google_organization_iam_member"]
PROJECTS = "roles/resourcemanager.projectIamAdmin"
GRANTERS = {
    *(PROJECTS, "roles/resourcemanager.organizationAdmin", "roles/iam.securityAdmin"),
    *("roles/resourcemanager.folderIamAdmin",),
}
LISTED = re.compile(r"api\.getAttribute\('iam\.googleapis\.com/modifiedGrantsByRole', \[\]\)\.hasOnly\(\[([^\]]+)\]\)")


def wrong(it: Values, house: House) -> object:
    if it.text("role") not in GRANTERS or (it.type, it.text("role")) == ("google_folder_iam_member", PROJECTS):
        return False
    listed = LISTED.fullmatch(it.text("condition.expression"))
    return not listed or {*re.findall("'([^']+)'", listed[1])} & {*GRANTERS, "roles/owner", "roles/editor"}
