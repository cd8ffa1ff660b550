"""No dataset is open to everybody, or to everybody of a domain."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["BQ-CO-6.1"]
RESOURCES = ["google_bigquery_dataset"]
PUBLIC = {"allUsers", "allAuthenticatedUsers"}


def wrong(it: Values, house: House) -> object:
    return [*it.all("access.special_group"), *it.all("access.domain")] or set(it.all("access.iam_member")) & PUBLIC
