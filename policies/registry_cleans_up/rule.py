"""A repository has rules by which it forgets or keeps versions."""

from policies.rule import House
from policies.values import Values

SEVERITY = "LOW"
CONTROLS = ["AR-CO-6.1"]
RESOURCES = ["google_artifact_registry_repository"]


def wrong(it: Values, house: House) -> object:
    stores = it.get("mode", "STANDARD_REPOSITORY") != "VIRTUAL_REPOSITORY"
    return stores and not it.blocks("cleanup_policies")
