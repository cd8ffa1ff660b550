"""Every project of a team has a budget."""

from policies.rule import House
from policies.values import Values

SEVERITY = "MEDIUM"
CONTROLS = ["HOUSE-RES-2"]
RESOURCES = ["google_project"]


def wrong(it: Values, house: House) -> object:
    named = {budget.text("display_name") for budget in house.of("google_billing_budget")}
    return "team" in it.keys("labels") and it.text("project_id") not in named
