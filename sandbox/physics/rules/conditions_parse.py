"""A condition of a grant or a denial is an expression of the Common Expression Language, or no policy takes it."""

import json
from collections.abc import Iterator

from sandbox.iam import expressions
from sandbox.physics.change import Change, invalid
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")


def check(change: Change, world: World) -> None:
    for text in _expressions(change):
        try:
            expressions.check(text)
        except expressions.Malformed as problem:
            raise invalid(f"The condition has an invalid expression: {problem}", path=("condition",)) from None


def _expressions(change: Change) -> Iterator[str]:
    """Every condition that a policy is about to have."""
    if "_iam_" not in change.type:
        return
    for place, text in change.strings:
        if place[-1] == "expression" and "condition" in str(place[-3] if len(place) > 2 else ""):
            yield text
    for binding in _bindings(change.text("policy_data")):
        yield str((binding.get("condition") or {}).get("expression") or "true")


def _bindings(text: str) -> list[dict[str, dict[str, str]]]:
    try:
        return list(json.loads(text or "{}").get("bindings") or [])
    except (ValueError, AttributeError):
        return []
