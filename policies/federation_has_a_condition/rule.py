"""An outside identity gets in only where the provider says from which repositories."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-10"]
RESOURCES = ["google_iam_workload_identity_pool_provider"]


def wrong(it: Values, house: House) -> object:
    return "assertion.repository" not in it.text("attribute_condition")
