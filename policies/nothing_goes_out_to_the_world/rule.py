"""No rule lets anything out to everywhere."""

from policies.firewall_rules import TYPES, allows, outward, ranges, wide
from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-NET-3"]
RESOURCES = TYPES


def wrong(it: Values, house: House) -> object:
    return allows(it) and outward(it) and ([one for one in ranges(it) if wide(one)] or not ranges(it))
