"""An access level admits known addresses or named identities, and nobody by being elsewhere."""

from policies.firewall_rules import wide
from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-PER-1"]
RESOURCES = ["google_access_context_manager_access_level"]
NARROW = ("ip_subnetworks", "members", "required_access_levels", "vpc_network_sources.vpc_subnetwork.network")


def wrong(it: Values, house: House) -> object:
    conditions = it.blocks("basic.conditions")
    far = [one for one in it.all("basic.conditions.ip_subnetworks") if wide(str(one))]
    anybody = [one for one in conditions if one.get("negate") is True or not any(one.all(path) for path in NARROW)]
    return not conditions or far or bool(anybody)
