"""What crosses a perimeter is a named service or role, and named methods where it is a service."""

from policies.doors import TYPES, sides
from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-PER-3"]
RESOURCES = TYPES


def wrong(it: Values, house: House) -> object:
    for to in sides(it, "to"):
        everything = "*" in to.all("operations.service_name") or "*" in to.all("operations.method_selectors.method")
        if everything or not (to.all("operations.service_name") or to.all("roles")):
            return "every call"
    return None
