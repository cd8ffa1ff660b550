"""Files of a notebook cannot be downloaded to a browser."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["VAI-CO-4.2"]
RESOURCES = ["google_workbench_instance"]


def wrong(it: Values, house: House) -> object:
    return it.get("gce_setup.metadata.notebook-disable-downloads") is not True
