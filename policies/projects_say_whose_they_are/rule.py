"""A project says which environment and application it is for, who pays, and what manages it."""

from policies.rule import House
from policies.values import Values

SEVERITY = "MEDIUM"
CONTROLS = ["HOUSE-RES-1"]
RESOURCES = ["google_project"]


def wrong(it: Values, house: House) -> object:
    return {"application", "cost-center", "environment", "managed-by"} - it.keys("labels") - it.keys("effective_labels")
