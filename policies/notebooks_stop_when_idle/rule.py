"""A notebook that nobody uses stops."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-RES-2"]
RESOURCES = ["google_workbench_instance"]


def wrong(it: Values, house: House) -> object:
    return not it.text("gce_setup.metadata.idle-timeout-seconds")
