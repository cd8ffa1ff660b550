"""A key that is destroyed by mistake can be brought back for at least seven days."""

from policies.rule import House
from policies.values import Values, number

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-KEY-3"]
RESOURCES = ["google_kms_crypto_key"]


def wrong(it: Values, house: House) -> object:
    return number(it.text("destroy_scheduled_duration")) < 7 * 86400
