"""Every rule of physics has a case on the estate: changes made mechanically from what it made, until the rule refuses.

Taking something out reaches the rules about what is missing; the operators here reach those about what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sandbox import facts, physics
from sandbox.physics.change import Broken, Change
from sandbox.physics.world import World
from sandbox.store import Store
from tests.mutation.applier import Applied

Values = dict[str, Any]
DIGITS = re.compile(r"\d{6,}")
Operator = Callable[[Applied], Iterator[Change]]
FAR, STRANGER, LOST = "us-central1", "user:eve@elsewhere.example", "group:lost@example.com"
ELSEWHERE, PUBLIC = "acme-int-churn-k7q2", "allUsers"
UNWANTED = "sourcerepo.googleapis.com"
STRANGE_KEY = "projects/acme-com-keys-k7q2x/locations/x/keyRings/r/cryptoKeys/k"
NO_CASE = {
    "key_enabled": "all keys of the estate are new, and nobody has turned one off",
    "quotas": "the estate stays far below every quota that is known",
    "retention_kept": "buckets whose retention counts hold nothing yet when they are deployed",
}


def again(made: Applied) -> Iterator[Change]:
    """The same once more."""
    yield made.change


def twin(made: Applied) -> Iterator[Change]:
    """The same under another name."""
    for name in ("name", "address_name"):
        if made.change.text(name):
            yield _with(made.change, {name: f"{made.change.text(name)}-twin"})


def gone(made: Applied) -> Iterator[Change]:
    """It is deleted, as it is and with every protection lifted."""
    yield replace(made.change, action="delete", values=made.values)
    lifted = made.values | {"deletion_protection": False, "deletion_policy": None, "force_destroy": False}
    yield replace(made.change, action="delete", values=lifted)


def changed(made: Applied) -> Iterator[Change]:
    """What cannot be changed in place is."""
    for name in str(facts.of(made.change.type).get("replace", "")).split():
        if isinstance(made.values.get(name), str) and made.values[name]:
            after = made.values | {name: f"{made.values[name]}x"}
            yield replace(made.change, action="update", values=after, prior=made.values)


def each_text(made: Applied) -> Iterator[Change]:
    """Each text of it becomes something else: a far place, a stranger, a key of somebody else, nothing at all."""
    for place, text in made.change.strings:
        nobody = DIGITS.sub("111111111111", text)
        for other in (
            FAR,
            STRANGER,
            PUBLIC,
            LOST,
            UNWANTED,
            nobody,
            f"{text}-lost",
            STRANGE_KEY if "/cryptoKeys/" in text else None,
        ):
            yield replace(made.change, values=_at(made.change.values, place, other))


def keyless(made: Applied) -> Iterator[Change]:
    """No key of a customer protects it."""
    for place, text in made.change.strings:
        if "/cryptoKeys/" in text:
            yield _with(made.change, {str(place[0]): None if len(place) == 1 else []})


def each_flag(made: Applied) -> Iterator[Change]:
    """Each yes becomes a no, and the other way round."""
    for name, value in made.change.values.items():
        if isinstance(value, bool):
            yield _with(made.change, {name: not value})


def from_afar(made: Applied) -> Iterator[Change]:
    """The same is asked from where the caller has no business."""
    yield replace(made.change, origin=ELSEWHERE)


def listed(made: Applied) -> Iterator[Change]:
    """A bucket gets an access control list."""
    if made.change.type == "google_storage_bucket":
        yield Change(
            "google_storage_bucket_acl", "create", {"bucket": made.values["name"], "predefined_acl": "private"}
        )


OPERATORS: tuple[Operator, ...] = (again, twin, gone, changed, keyless, each_flag, from_afar, each_text, listed)


def deaths(store: Store, estate: list[Applied]) -> dict[str, str]:
    """Rule -> the first mutant of the estate that it refuses: operator and type."""
    found: dict[str, str] = {}
    for operator in OPERATORS:
        for made in estate:
            for change in operator(made):
                for rule in physics.concerned(change.type, change.action):
                    if rule.name not in found and _refuses(rule, change, store):
                        found[rule.name] = f"{operator.__name__} {change.type}"
    return found


def _refuses(rule: physics.Rule, change: Change, store: Store) -> bool:
    try:
        world = World(store)
        rule.check(change, world)
    except Broken:
        return True
    return bool(world.logged)


def _with(change: Change, values: Values) -> Change:
    return replace(change, values=change.values | values)


def _at(values: Any, path: tuple[str | int, ...], other: str | None) -> Any:
    if not path:
        return other
    if isinstance(values, list):
        return [_at(item, path[1:], other) if index == path[0] else item for index, item in enumerate(values)]
    return {key: _at(item, path[1:], other) if key == path[0] else item for key, item in values.items()}
