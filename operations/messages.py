"""What Terraform tells programs, line by line: its events, and the errors in them."""

from __future__ import annotations

import json
from typing import Any


def event_of(line: str) -> dict[str, Any]:
    """The event that a line tells; empty where it tells none."""
    if not line.startswith("{"):
        return {}
    try:
        event: dict[str, Any] = json.loads(line)
    except ValueError:
        return {}
    return event


def diagnostic(event: dict[str, Any]) -> str | None:
    """The error of an event, with its address; None where it tells no error."""
    told = event.get("diagnostic") or {}
    if told.get("severity") != "error":
        return None
    where = f"{told['address']}: " if told.get("address") else ""
    return f"{where}{told['summary']}" + (f" - {told['detail']}" if told.get("detail") else "")
