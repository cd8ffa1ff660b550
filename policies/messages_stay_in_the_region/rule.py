"""Messages are stored in the regions of the installation only."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["PS-CO-4.1"]
RESOURCES = ["google_pubsub_topic"]


def wrong(it: Values, house: House) -> object:
    regions = it.all("message_storage_policy.allowed_persistence_regions")
    return not regions or set(regions) - house.facts.regions
