"""A denial holds for everybody; who is left out is a service account that is named."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-9"]
RESOURCES = ["google_iam_deny_policy"]


def wrong(it: Values, house: House) -> object:
    everybody = "principalSet://goog/public:all"
    exceptions = [one for one in it.all("rules.deny_rule.exception_principals") if "/serviceAccounts/" not in str(one)]
    denied = it.all("rules.deny_rule.denied_principals")
    groups = [one for one in denied if str(one).startswith("principalSet://goog/group/")]
    return exceptions or not it.all("rules.deny_rule.denied_permissions") or (everybody not in denied and not groups)
