"""Where a resource lies."""

import re

from sandbox import facts
from sandbox.physics.change import Change
from sandbox.templates import last

_ZONE = re.compile(r"^([a-z]+-[a-z]+\d+)-[a-z]$")


def place_of(change: Change) -> tuple[str, str]:
    """(attribute, location in lower case, a zone as its region); empty for what lies nowhere."""
    table = facts.table("locations")
    for name in table["attributes"]:
        text = last(change.text(name)).lower()
        if text:
            return name, "" if text in table["placeless"] else _ZONE.sub(r"\1", text)
    return "", ""
