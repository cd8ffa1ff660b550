"""Every project of a team has a budget."""

from policies.rule import House
from policies.values import Values

SEVERITY = "MEDIUM"
CONTROLS = ["HOUSE-RES-2"]
RESOURCES = ["google_project"]


def wrong(it: Values, house: House) -> object:
    budgets = house.having("google_billing_budget", "display_name", it.text("project_id"))
    return "team" in it.keys("labels") and not budgets
