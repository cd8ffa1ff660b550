"""No rule lets the world in."""

from policies.firewall_rules import TYPES, allows, outward, ranges, wide
from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-NET-2"]
RESOURCES = TYPES


def wrong(it: Values, house: House) -> object:
    far = [one for one in ranges(it) if wide(one)]
    return allows(it) and not outward(it) and (far or not (ranges(it) or it.all("match.src_secure_tags.name")))
