"""A notebook acts as a service account of its own and lets in its one owner or whoever may act as it."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["VAI-CO-4.1"]
RESOURCES = ["google_workbench_instance"]


def wrong(it: Values, house: House) -> object:
    account = it.text("gce_setup.service_accounts.email")
    return not account or len(it.all("instance_owners")) > 1
