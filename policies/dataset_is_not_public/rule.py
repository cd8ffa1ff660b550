"""No dataset is open to everybody, or to everybody of a domain."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["BQ-CO-6.1"]
RESOURCES = ["google_bigquery_dataset", "google_bigquery_dataset_access"]
PUBLIC = {"allUsers", "allAuthenticatedUsers"}


def wrong(it: Values, house: House) -> object:
    one = "access." if it.type == "google_bigquery_dataset" else ""
    return it.all(f"{one}special_group") + it.all(f"{one}domain") or set(it.all(f"{one}iam_member")) & PUBLIC
