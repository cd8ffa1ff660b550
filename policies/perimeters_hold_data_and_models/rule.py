"""A perimeter restricts every service that holds data, models, keys or secrets."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-PER-4"]
RESOURCES = ["google_access_context_manager_service_perimeter"]
NEEDED = {
    *("aiplatform", "artifactregistry", "bigquery", "cloudkms", "notebooks", "pubsub", "secretmanager", "storage"),
}


def wrong(it: Values, house: House) -> object:
    restricted = {*it.all("spec.restricted_services"), *it.all("status.restricted_services")}
    return {f"{name}.googleapis.com" for name in NEEDED} - restricted
