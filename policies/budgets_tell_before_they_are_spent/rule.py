"""A budget has an amount and tells before it is spent."""

from policies.rule import House
from policies.values import Values, number

SEVERITY = "MEDIUM"
CONTROLS = ["HOUSE-RES-2"]
RESOURCES = ["google_billing_budget"]


def wrong(it: Values, house: House) -> object:
    early = [percent for percent in it.all("threshold_rules.threshold_percent") if 0 < number(percent) < 1]
    return not early or not it.all("amount.specified_amount.units")
