"""A trigger whose build changes what is released waits for approval."""

import re

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-BLD-2"]
RESOURCES = ["google_cloudbuild_trigger"]
CHANGES = re.compile(r"\b(release|promote|publish|apply)\b")


def wrong(it: Values, house: House) -> object:
    environment = it.text("substitutions._ENVIRONMENT")
    # Danger: an environment that comes with the message may be production.
    changes = CHANGES.search(it.text("name")) or environment == "production" or environment.startswith("$(")
    return (
        changes
        and not it.blocks("repository_event_config.pull_request")
        and it.get("approval_config.approval_required") is not True
    )
