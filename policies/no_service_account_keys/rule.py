"""No service account has a key that can be carried away."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["IAM-CO-4.2", "IAM-CO-4.3"]
RESOURCES = ["google_service_account", "google_service_account_key", "google_*_iam_member"]


def wrong(it: Values, house: House) -> object:
    return it.type == "google_service_account_key" or it.text("role") == "roles/iam.serviceAccountKeyAdmin"
