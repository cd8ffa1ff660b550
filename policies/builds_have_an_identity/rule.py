"""A build runs as a service account made for it."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-BLD-1"]
RESOURCES = ["google_cloudbuild_trigger"]


def wrong(it: Values, house: House) -> object:
    return "/serviceAccounts/" not in it.text("service_account")
