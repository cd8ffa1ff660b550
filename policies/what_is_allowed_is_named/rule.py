"""A rule that allows names the protocol and the ports."""

from policies.firewall_rules import TYPES, allows, named
from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-NET-3"]
RESOURCES = TYPES


def wrong(it: Values, house: House) -> object:
    layers = it.blocks("match.layer4_configs") + it.blocks("allow")
    return allows(it) and (not layers or any(not named(one) for one in layers))
