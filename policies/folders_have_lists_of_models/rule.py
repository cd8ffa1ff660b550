"""Where folders are made, each environment has its list of permitted models."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-AI-1"]
RESOURCES = ["google_folder"]


def wrong(it: Values, house: House) -> object:
    policies = [
        one for one in house.of("google_org_policy_policy") if one.text("name").endswith("vertexai.allowedModels")
    ]
    lists = {one.text("parent") for one in policies}
    known = it.text("name") or it.address
    return not any(known in one or it.address in one for one in lists)
