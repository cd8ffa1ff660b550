"""Every rule logs what it decides."""

from policies.firewall_rules import TYPES
from policies.rule import House
from policies.values import Values

SEVERITY = "MEDIUM"
CONTROLS = ["COM-CO-7.5"]
RESOURCES = TYPES


def wrong(it: Values, house: House) -> object:
    return it.get("enable_logging") is not True and not it.blocks("log_config")
