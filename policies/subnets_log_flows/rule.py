"""A subnet logs at least every tenth flow."""

from policies.rule import House
from policies.values import Values, number

SEVERITY = "MEDIUM"
CONTROLS = ["COM-CO-7.4"]
RESOURCES = ["google_compute_subnetwork"]


def wrong(it: Values, house: House) -> object:
    special = it.text("purpose") in ("REGIONAL_MANAGED_PROXY", "GLOBAL_MANAGED_PROXY", "PRIVATE_SERVICE_CONNECT")
    return not special and number(it.get("log_config.flow_sampling", 0)) < 0.1
