"""A tag of an own image names the same image forever."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IMG-1"]
RESOURCES = ["google_artifact_registry_repository"]


def wrong(it: Values, house: House) -> object:
    own = it.text("format").upper() == "DOCKER" and it.get("mode", "STANDARD_REPOSITORY") == "STANDARD_REPOSITORY"
    return own and it.get("docker_config.immutable_tags") is not True
