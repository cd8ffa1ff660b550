"""A trigger whose build changes what is released waits for approval."""

import re

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-BLD-2"]
RESOURCES = ["google_cloudbuild_trigger"]
CHANGES = re.compile(r"\b(release|promote|publish|apply)\b")


def wrong(it: Values, house: House) -> object:
    told = {key: it.text(f"substitutions.{key}") for key in it.keys("substitutions")}
    # Danger: an environment that comes with the message may be production.
    anywhere = [text for key, text in told.items() if "ENV" in key and text.startswith("$(")]
    inside = house.facts.environment(it.text("service_account")) in house.facts.operational
    changes = CHANGES.search(it.text("name")) or "production" in told.values() or anywhere or inside
    return changes and it.get("approval_config.approval_required") is not True
