"""A notebook upgrades on a schedule."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["VAI-CO-4.6"]
RESOURCES = ["google_workbench_instance"]


def wrong(it: Values, house: House) -> object:
    return not it.text("gce_setup.metadata.notebook-upgrade-schedule")
