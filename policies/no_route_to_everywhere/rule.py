"""A route to the internet leads to known addresses only."""

from policies.firewall_rules import wide
from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-NET-3"]
RESOURCES = ["google_compute_route"]


def wrong(it: Values, house: House) -> object:
    return "internet-gateway" in it.text("next_hop_gateway") and wide(it.text("dest_range"))
