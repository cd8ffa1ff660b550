"""Grants name groups and service accounts, never a person or a whole domain."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-IAM-4"]
RESOURCES = ["google_*_iam_member", "google_*_iam_binding", "google_privileged_access_manager_entitlement"]


def wrong(it: Values, house: House) -> object:
    members = it.all("member") + it.all("members") + it.all("eligible_users.principals")
    return [one for one in members if str(one).startswith(("user:", "domain:"))]
