"""Nobody of one environment acts as a service account of another."""

import re

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-3"]
RESOURCES = ["google_service_account_iam_member", "google_project_iam_member"]
ACTS = re.compile(r"iam\.(serviceAccount(User|TokenCreator|OpenIdTokenCreator|KeyAdmin)|workloadIdentityUser)$")


def wrong(it: Values, house: House) -> object:
    """A role on a project is one on every account in it."""
    if it.type == "google_project_iam_member" and not ACTS.search(it.text("role")):
        return False
    ours = house.facts.environment(it.text("service_account_id") or it.text("project"))
    theirs = house.facts.environment(it.text("member"))
    return ours != theirs and {ours, theirs}.isdisjoint({None, "common"}) and f"{theirs} acts as {ours}"
