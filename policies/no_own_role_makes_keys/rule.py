"""No role of our own makes keys of service accounts, or changes organization policies."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-IAM-2", "IAM-CO-4.2"]
RESOURCES = ["google_organization_iam_custom_role", "google_project_iam_custom_role"]
NEVER = {"iam.serviceAccountKeys.create", "orgpolicy.policy.set", "resourcemanager.organizations.setIamPolicy"}


def wrong(it: Values, house: House) -> object:
    return set(it.all("permissions")) & NEVER
