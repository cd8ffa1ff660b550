"""No job of Vertex AI opens a shell into its container."""

import base64
import re

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IMG-4"]
RESOURCES = ["google_*"]
OPEN = re.compile(r"enable_?[wW]eb_?[aA]ccess\W+true")


def decoded(text: str) -> str:
    """What a body in base64 says; requests of schedules are written so."""
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace") if len(text) > 24 else ""
    except ValueError:
        return ""


def wrong(it: Values, house: House) -> object:
    return [text for text in it.strings() if OPEN.search(text) or OPEN.search(decoded(text))]
