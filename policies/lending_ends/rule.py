"""What is lent comes back within a day, and the borrower says why."""

from policies.rule import House
from policies.values import Values, number

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-IAM-11"]
RESOURCES = ["google_privileged_access_manager_entitlement"]


def wrong(it: Values, house: House) -> object:
    seconds = number(it.text("max_request_duration"))
    return not 0 < seconds <= 86400 or it.blocks("requester_justification_config.not_mandatory")
