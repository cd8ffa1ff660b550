"""No service account has a key that can be carried away."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["IAM-CO-4.2", "IAM-CO-4.3"]
RESOURCES = ["google_service_account", "google_service_account_key"]


def wrong(it: Values, house: House) -> object:
    return it.type == "google_service_account_key"
