"""A build runs on private workers of the installation."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["CBD-CO-6.1"]
RESOURCES = ["google_cloudbuild_trigger"]


def wrong(it: Values, house: House) -> object:
    return "/workerPools/" not in it.text("build.options.worker_pool")
