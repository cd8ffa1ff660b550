"""What is granted must exist: Google's role, the custom role, and each permission of a custom role or of a denial."""

from collections.abc import Iterator

from sandbox.iam.decision import named
from sandbox.iam.roles import misspelt, permissions
from sandbox.physics.change import Change, Path, invalid
from sandbox.physics.members import bindings
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")
_CUSTOM = {"projects": "google_project_iam_custom_role", "organizations": "google_organization_iam_custom_role"}
_HINT = "Correct the name; if it is new at Google, refresh sandbox/facts/roles.json."


def check(change: Change, world: World) -> None:
    for place, role in _roles(change):
        if misspelt(role):
            raise invalid(f"Role {role} does not exist.", path=place, way_out=_HINT)
        own = _CUSTOM.get(role.partition("/")[0]) if "/roles/" in role else None
        if own and not world.has(own, role):
            raise invalid(f"Role {role} does not exist.", path=place, way_out="Make the role before; depend on it.")
    for place, written in _permissions(change):
        known = permissions()
        if written not in known and not any(named(it, written) for it in known):
            raise invalid(f"Permission {written} is not valid.", path=place, way_out=_HINT)


def _roles(change: Change) -> Iterator[tuple[Path, str]]:
    """Every role that is granted, wherever a type names one."""
    for place, text in change.strings:
        if place[-1] == "role":
            yield place, text
    for binding in bindings(change):
        yield ("policy_data",), str(binding.get("role"))


def _permissions(change: Change) -> Iterator[tuple[Path, str]]:
    """Every permission of a custom role, as roles spell it, or of a deny policy, which spells them its own way."""
    words = {"permissions"} if change.type in _CUSTOM.values() else set()
    if change.type == "google_iam_deny_policy":
        words = {"denied_permissions", "exception_permissions"}
    for place, text in change.strings:
        if words.intersection(map(str, place)):
            yield place, text
