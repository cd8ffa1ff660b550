"""What roles are made of: Google's by the table of facts, custom ones by the estate itself."""

import functools
import json
from pathlib import Path
from typing import Any

from sandbox import facts

_BASIC = ("owner", "editor", "viewer", "admin", "writer", "reader")


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((Path(facts.FOLDER) / "roles.json").read_text())
    return table


@functools.cache
def predefined(role: str) -> frozenset[str] | None:
    """The permissions of one of Google's roles; None where they are not known."""
    folded = _table()["roles"].get(role)
    return None if folded is None else _unfolded(folded)


@functools.cache
def permissions() -> frozenset[str]:
    """Every permission that any of Google's roles holds: what is not among them is misspelt or newer than the table."""
    return _unfolded(_table()["permissions"])


def misspelt(role: str) -> bool:
    """Whether Google has no such role; of services that the table leaves out, and of agents' roles, nobody knows."""
    family, dot, word = role.removeprefix("roles/").partition(".")
    if not role.startswith("roles/") or role in _table()["roles"]:
        return False
    return family not in _BASIC if not dot else family in _families() and "agent" not in word.lower()


@functools.cache
def _families() -> frozenset[str]:
    """The services all of whose roles are in the table."""
    return frozenset(role.removeprefix("roles/").partition(".")[0] for role in _table()["roles"])


def predefined_roles() -> list[str]:
    """The names of Google's roles that are known."""
    return list(_table()["roles"])


def about() -> dict[str, str]:
    """Source and date of the table."""
    found: dict[str, str] = _table()["about"]
    return found


def _unfolded(folded: dict[str, str]) -> frozenset[str]:
    return frozenset(f"{kind}.{verb}" for kind, verbs in folded.items() for verb in verbs.split())
