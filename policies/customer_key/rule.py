"""Everything that can be kept with a key of ours is."""

from policies.key_places import KEYS
from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["COM-CO-2.3", "PS-CO-6.1", "HOUSE-KEY-1"]
RESOURCES = [*KEYS]


def wrong(it: Values, house: House) -> object:
    return not it.every(KEYS[it.type])
