"""Code comes from a connected repository, never from a host that Google has closed."""

from policies.rule import House
from policies.values import Values

SEVERITY = "MEDIUM"
CONTROLS = ["CBD-CO-6.2"]
RESOURCES = ["google_cloudbuild_trigger", "google_sourcerepo_repository"]


def wrong(it: Values, house: House) -> object:
    connected = [*it.all("repository_event_config.repository"), *it.all("source_to_build.repository")]
    return it.type == "google_sourcerepo_repository" or not connected or it.blocks("trigger_template")
