"""A sink of the organization is on, and leaves nothing out of what it hears."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["COM-CO-7.3"]
RESOURCES = ["google_logging_organization_sink", "google_logging_folder_sink"]


def wrong(it: Values, house: House) -> object:
    return it.get("disabled") is True or it.blocks("exclusions")
