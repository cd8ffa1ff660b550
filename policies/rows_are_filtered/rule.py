"""A row policy filters, and is for named groups."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-DATA-2"]
RESOURCES = ["google_bigquery_row_access_policy"]


def wrong(it: Values, house: House) -> object:
    everybody = [one for one in it.all("grantees") if not str(one).startswith(("group:", "serviceAccount:"))]
    return everybody or not it.all("grantees") or it.text("filter_predicate").strip().upper() in ("", "TRUE", "1=1")
