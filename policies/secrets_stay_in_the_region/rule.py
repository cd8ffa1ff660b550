"""A secret has replicas in the regions of the installation only."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["SM-CO-6.1"]
RESOURCES = ["google_secret_manager_secret"]


def wrong(it: Values, house: House) -> object:
    places = it.all("replication.user_managed.replicas.location")
    return not places or set(places) - house.facts.regions
