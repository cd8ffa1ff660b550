"""What perimeters refused, or would refuse once they are enforced: a line for each call, beside the store."""

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.iam.perimeters import Refusal
from sandbox.store import Store

_FILE = "violations.jsonl"


def note(store: Store, refusal: Refusal, who: str, origin: str, permission: str, about: str) -> str:
    """Write a line; the unique id by which an administrator finds it."""
    id_ = secrets.token_urlsafe(24)
    told = {"time": datetime.now(UTC).isoformat(), "id": id_, "dryRun": refusal.dry_run, "principal": who}
    told |= {"origin": origin, "permission": permission, "resource": about, "why": str(refusal)}
    with (store.path.parent / _FILE).open("a") as file:
        file.write(json.dumps(told) + "\n")
    return id_


def noted(home: Path) -> list[dict[str, Any]]:
    """The lines of the sandbox in this folder, oldest first."""
    file = home / _FILE
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
