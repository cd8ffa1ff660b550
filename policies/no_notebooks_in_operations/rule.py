"""No notebook of any kind exists in an operational project."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-AI-3"]
RESOURCES = ["google_workbench_instance", "google_notebooks_*", "google_colab_*"]


def wrong(it: Values, house: House) -> object:
    return house.facts.environment(it.text("project")) in house.facts.operational
