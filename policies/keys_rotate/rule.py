"""A key that encrypts gets a new version at least every 90 days."""

from policies.rule import House
from policies.values import Values, number

SEVERITY = "HIGH"
CONTROLS = ["COM-CO-2.4"]
RESOURCES = ["google_kms_crypto_key"]


def wrong(it: Values, house: House) -> object:
    seconds = number(it.text("rotation_period"))
    return it.get("purpose", "ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT" and not 0 < seconds <= 90 * 86400
