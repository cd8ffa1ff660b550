"""Service perimeters on every call: what is enforced refuses, what is a dry run is only noted down."""

import json
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.api.call import Facade
from sandbox.api.errors import ApiError, prohibited
from sandbox.iam.decision import service_of
from sandbox.iam.perimeters import INTERNET, Refusal
from sandbox.store import Store

HEADER = "x-sandbox-origin"
"""Where a request comes from: `internet`, `workplace`, or `projects/ID` for the network of a project."""

_ORIGIN = re.compile(r"(?:projects/)?([a-z0-9-]+)")
_ACCOUNT = re.compile(r"serviceAccount:[^@]+@([a-z0-9-]+)\.iam\.gserviceaccount\.com")
_FILE = "violations.jsonl"


def origin(who: str, headers: dict[str, str]) -> str:
    """Where a request comes from: what it says, else the project of an account, else the internet."""
    if told := headers.get(HEADER, ""):
        found = _ORIGIN.fullmatch(told)
        if found is None:
            raise ApiError(400, f"{HEADER}: '{told}' is no origin; write internet, workplace or projects/ID.")
        return found[1]
    account = _ACCOUNT.fullmatch(who)
    return account[1] if account else INTERNET


def check(facade: Facade, who: str, headers: dict[str, str], permission: str, about: str) -> None:
    """Refuse a call that no perimeter's rule lets pass, as Google does; a dry run writes a line and lets it pass."""
    perimeters, policies = facade.perimeters(), facade.policies()
    if not any(half.members for half in perimeters.halves):
        return
    places, source = policies.places, origin(who, headers)
    identities = policies.groups.identities(who)
    refusal = perimeters.refusal(identities, permission, places.plain(about), source, places)
    if refusal is None:
        return
    id_ = _note(facade.store, refusal, who, source, permission, about)
    if not refusal.dry_run:
        raise prohibited(id_, service_of(permission), str(refusal))


def violations(home: Path) -> list[dict[str, Any]]:
    """What perimeters refused in the sandbox of this folder, or would have, oldest first."""
    file = home / _FILE
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def _note(store: Store, refusal: Refusal, who: str, source: str, permission: str, about: str) -> str:
    id_ = secrets.token_urlsafe(24)
    told = {"time": datetime.now(UTC).isoformat(), "id": id_, "dryRun": refusal.dry_run, "principal": who}
    told |= {"origin": source, "permission": permission, "resource": about, "why": str(refusal)}
    with (store.path.parent / _FILE).open("a") as file:
        file.write(json.dumps(told) + "\n")
    return id_
