"""Airflow's page opens from known places, not from halves of the world."""

from ipaddress import ip_network

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-NET-2"]
RESOURCES = ["google_composer_environment"]
RANGES = "config.web_server_network_access_control.allowed_ip_range.value"


def wrong(it: Values, house: House) -> object:
    return [one for one in it.all(RANGES) if "/" in str(one) and ip_network(str(one), strict=False).prefixlen < 16]
