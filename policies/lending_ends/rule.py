"""What is lent comes back within a day, and the borrower says why."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-IAM-11"]
RESOURCES = ["google_privileged_access_manager_entitlement"]


def wrong(it: Values, house: House) -> object:
    seconds = int(it.text("max_request_duration").removesuffix("s") or 0)
    return not 0 < seconds <= 86400 or it.blocks("requester_justification_config.not_mandatory")
