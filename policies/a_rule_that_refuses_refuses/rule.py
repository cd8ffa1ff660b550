"""A rule does what its name says: what is called deny or refuse lets nothing through."""

from policies.firewall_rules import TYPES, allows
from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-NET-3"]
RESOURCES = TYPES


def wrong(it: Values, house: House) -> object:
    name = it.text("rule_name") or it.text("name")
    return allows(it) and any(word in name for word in ("deny", "refuse", "block"))
