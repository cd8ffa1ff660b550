"""A condition of a grant or a denial is a yes-or-no expression over names that Google has, or no policy takes it."""

from collections.abc import Iterator

from sandbox.iam import expressions
from sandbox.iam.conditions import ATTRIBUTES, TAGS
from sandbox.physics.change import Change, invalid
from sandbox.physics.members import bindings, members
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")

_BASIC = ("roles/owner", "roles/editor", "roles/viewer")
_PUBLIC = ("allUsers", "allAuthenticatedUsers")
_OF_TAGS = frozenset(f"resource.{name}" for name in TAGS)
_OTHERS = ("api.getAttribute", "destination.ip", "destination.port", "request.auth", "request.host", "request.path")
_NAMES = _OF_TAGS.union(ATTRIBUTES, _OTHERS)


def check(change: Change, world: World) -> None:
    known = _OF_TAGS if change.type == "google_iam_deny_policy" else _NAMES
    for text, role, granted in _conditions(change):
        if problem := _problem(text, known):
            raise invalid(f"The condition has an invalid expression: {problem}", path=("condition",))
        if role in _BASIC or not granted.isdisjoint(_PUBLIC):
            message = f"{role} to {', '.join(sorted(granted))} cannot have a condition."
            hint = "Basic roles, and grants to everybody, take no conditions: grant another role, or nobody unknown."
            raise invalid(message, path=("condition",), way_out=hint)


def _problem(text: str, known: frozenset[str]) -> str:
    try:
        expressions.check(text)
        if expressions.constant(text):
            return f"{text}: is not a yes or a no; compare it with something"
        strange = expressions.names(text) - known
    except expressions.Malformed as problem:
        return str(problem)
    return f"{text}: undeclared reference to '{min(strange)}'; see Google's list of attributes" if strange else ""


def _conditions(change: Change) -> Iterator[tuple[str, str, set[str]]]:
    """(expression, role, members) of every condition that a policy is about to have."""
    if "_iam_" not in change.type:
        return
    granted = {member for place, member in members(change) if place != ("policy_data",)}
    for place, text in change.strings:
        if place[-1] == "expression" and "condition" in str(place[-3] if len(place) > 2 else ""):
            yield text, change.text("role"), granted
    for binding in bindings(change):
        if isinstance(condition := binding.get("condition"), dict):
            role, among = str(binding.get("role")), map(str, binding.get("members") or ())
            yield str(condition.get("expression") or "true"), role, set(among)
