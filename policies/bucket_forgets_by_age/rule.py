"""What a bucket deletes by itself it deletes by age, and no sooner than after a week."""

from policies.rule import House
from policies.values import Values, number

SEVERITY = "MEDIUM"
CONTROLS = ["GCS-CO-6.5", "GCS-CO-6.6"]
RESOURCES = ["google_storage_bucket"]


def wrong(it: Values, house: House) -> object:
    rules = [rule for rule in it.blocks("lifecycle_rule") if rule.text("action.type") == "Delete"]
    paths = ("condition.age", "condition.days_since_noncurrent_time")
    ages = [max([0.0, *(number(days) for path in paths for days in rule.all(path))]) for rule in rules]
    # In HCL, Checkov lets a dynamic block hide the others; in a plan there are none.
    return not it.blocks("dynamic") and (not ages or min(ages) < 7)
