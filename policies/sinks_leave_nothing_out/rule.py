"""A sink of the organization is on, hears what is audited, and leaves nothing out of what it hears."""

import re

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["COM-CO-7.3"]
RESOURCES = ["google_logging_organization_sink", "google_logging_folder_sink"]
AUDITED, NARROWER = "cloudaudit.googleapis.com", re.compile(r"\b(AND|NOT)\b|(^|[\s(])-")


def wrong(it: Values, house: House) -> object:
    hears = it.text("filter")
    narrow = hears and (AUDITED not in hears or bool(NARROWER.search(hears)))
    return it.get("disabled") is True or narrow or it.blocks("exclusions")
