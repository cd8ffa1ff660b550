"""What is lent is approved by somebody who cannot borrow it."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-11"]
RESOURCES = ["google_privileged_access_manager_entitlement"]


def wrong(it: Values, house: House) -> object:
    approvers = set(it.all("approval_workflow.manual_approvals.steps.approvers.principals"))
    return not approvers or approvers & set(it.all("eligible_users.principals"))
