"""The policy of permitted models lists models, or permits none."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-AI-1"]
RESOURCES = ["google_org_policy_policy"]


def wrong(it: Values, house: House) -> object:
    named = it.all("spec.rules.values.allowed_values")
    none = {True, "TRUE"} & set(it.all("spec.rules.deny_all"))
    wild = [one for one in named if "/models/" not in str(one) or "*" in str(one)]
    return it.text("name").endswith("/vertexai.allowedModels") and (wild or not (named or none))
