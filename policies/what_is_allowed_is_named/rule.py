"""A rule that allows names the protocol and the ports."""

from policies.firewall_rules import TYPES, allows
from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-NET-3"]
RESOURCES = TYPES


def wrong(it: Values, house: House) -> object:
    layers = it.blocks("match.layer4_configs") + it.blocks("allow")
    open_ = [
        one
        for one in layers
        if one.get("ip_protocol", one.get("protocol")) in ("all", "tcp", "udp") and not one.all("ports")
    ]
    return allows(it) and (not layers or open_)
