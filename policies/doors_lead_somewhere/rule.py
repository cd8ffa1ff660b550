"""What crosses a perimeter goes to named projects, never to all of them."""

from policies.doors import TYPES, sides
from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-PER-2"]
RESOURCES = TYPES


def wrong(it: Values, house: House) -> object:
    return any("*" in to.all("resources") for to in sides(it, "to"))
