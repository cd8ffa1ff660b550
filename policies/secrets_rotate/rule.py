"""A secret is due at least every 90 days, and a topic tells who renews it."""

from policies.rule import House
from policies.values import Values, number

SEVERITY = "HIGH"
CONTROLS = ["SM-CO-6.2"]
RESOURCES = ["google_secret_manager_secret"]


def wrong(it: Values, house: House) -> object:
    seconds = number(it.text("rotation.rotation_period"))
    return not 0 < seconds <= 90 * 86400 or not it.all("topics.name")
