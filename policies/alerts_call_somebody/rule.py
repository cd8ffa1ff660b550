"""An alert is switched on and calls somebody."""

from policies.rule import House
from policies.values import Values

SEVERITY = "MEDIUM"
CONTROLS = ["HOUSE-LOG-3"]
RESOURCES = ["google_monitoring_alert_policy"]


def wrong(it: Values, house: House) -> object:
    return it.get("enabled", True) is False or not it.all("notification_channels")
