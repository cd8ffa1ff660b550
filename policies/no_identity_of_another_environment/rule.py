"""Nobody of one environment acts as a service account of another."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-3"]
RESOURCES = ["google_service_account_iam_member"]


def wrong(it: Values, house: House) -> object:
    ours = house.facts.environment(it.text("service_account_id"))
    theirs = house.facts.environment(it.text("member"))
    return ours != theirs and {ours, theirs}.isdisjoint({None, "common"}) and f"{theirs} acts as {ours}"
