"""Nobody without a name is granted anything: neither everybody nor everybody who is logged in."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-1", "BQ-CO-6.1"]
RESOURCES = ["google_*_iam_member", "google_*_iam_binding", "google_bigquery_dataset_access"]


def wrong(it: Values, house: House) -> object:
    members = {*it.all("member"), *it.all("members"), *it.all("special_group"), *it.all("iam_member")}
    return members & {"allUsers", "allAuthenticatedUsers"}
