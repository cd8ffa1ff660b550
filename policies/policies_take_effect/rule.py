"""An organization policy takes effect, and is not only rehearsed."""

from policies.rule import House
from policies.values import Values

SEVERITY = "MEDIUM"
CONTROLS = ["HOUSE-RES-3"]
RESOURCES = ["google_org_policy_policy"]


def wrong(it: Values, house: House) -> object:
    return not it.blocks("spec.rules")
