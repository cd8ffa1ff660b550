"""Who crosses a perimeter is a service account or a group, never one person."""

from policies.doors import TYPES, sides
from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-PER-1"]
RESOURCES = TYPES
KINDS = ("serviceAccount:", "group:", "principalSet://")


def wrong(it: Values, house: House) -> object:
    return [who for one in sides(it, "from") for who in one.all("identities") if not str(who).startswith(KINDS)]
