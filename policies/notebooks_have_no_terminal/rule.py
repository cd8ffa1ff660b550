"""A notebook has no terminal."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["VAI-CO-4.4"]
RESOURCES = ["google_workbench_instance"]


def wrong(it: Values, house: House) -> object:
    return it.get("gce_setup.metadata.notebook-disable-terminal") is not True
