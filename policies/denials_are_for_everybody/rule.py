"""A denial holds for everybody or for whole groups, and leaves out only service accounts that it names."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-9"]
RESOURCES = ["google_iam_deny_policy"]
WIDE = (
    "principalSet://goog/public:all",
    "principalSet://goog/cloudIdentityCustomerId/",
    "principalSet://goog/group/",
)


def wrong(it: Values, house: House) -> object:
    for rule in it.blocks("rules.deny_rule"):
        left_out = [one for one in rule.all("exception_principals") if "/serviceAccounts/" not in str(one)]
        single = [one for one in rule.all("denied_principals") if not str(one).startswith(WIDE)]
        if left_out or single or not rule.all("denied_principals") or not rule.all("denied_permissions"):
            return left_out or single or "denies nothing"
    return None
