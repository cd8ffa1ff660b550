"""The bindings of IAM policies in a change: who is granted what, in whichever way it is written."""

import json
from collections.abc import Iterator
from typing import Any

from sandbox.physics.change import Change, Path
from sandbox.physics.references import is_grant

Values = dict[str, Any]


def members(change: Change) -> Iterator[tuple[Path, str]]:
    """Each member with its place; of the IAM types alone."""
    if not is_grant(change.type):
        return
    one, many = change.values.get("member"), change.values.get("members")
    if isinstance(one, str):
        yield ("member",), one
    for member in many if isinstance(many, list) else ():
        if isinstance(member, str):
            yield ("members",), member
    for binding in bindings(change):
        for member in binding.get("members") or ():
            yield ("policy_data",), str(member)


def bindings(change: Change) -> list[Values]:
    """The bindings of a policy that is set as a whole; none where its text is no policy."""
    try:
        found = json.loads(change.text("policy_data") or "{}").get("bindings") or []
    except (ValueError, AttributeError):
        return []
    return [binding for binding in found if isinstance(binding, dict)]
