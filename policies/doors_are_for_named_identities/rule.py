"""What crosses a perimeter is named: no identity type, no everybody."""

from policies.doors import TYPES, sides
from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-PER-1"]
RESOURCES = TYPES


def wrong(it: Values, house: House) -> object:
    def everybody(one: Values) -> bool:
        return "ANY_" in one.text("identity_type") or not (one.all("identities") or one.all("identity_type"))

    return any(everybody(one) for one in sides(it, "from"))
