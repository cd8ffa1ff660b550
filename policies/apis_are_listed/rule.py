"""A project enables services of the list only."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["RM-CO-4.1"]
RESOURCES = ["google_project_service"]


def wrong(it: Values, house: House) -> object:
    return it.text("service") not in house.facts.apis
