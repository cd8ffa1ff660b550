"""What cannot be changed in place is refused in an update; Terraform replaces the resource instead."""

from sandbox import facts
from sandbox.codec import unknown
from sandbox.physics.change import Change, invalid
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("update",)


def check(change: Change, world: World) -> None:
    line = facts.of(change.type)
    fixed = str(line.get("replace", "")).split()
    computed = str(line.get("computed", "")).split()
    for name in (change.prior or {}) if fixed == ["*"] else fixed:
        before, after = (change.prior or {}).get(name), change.values.get(name)
        if name in computed or before in (None, "", []) or after in (None, "", []) or unknown(after):
            continue
        if isinstance(before, str | bool | int) and before != after:
            message = f"Invalid value for field '{name}': it cannot be changed from '{before}' to '{after}'."
            raise invalid(message, path=(name,), way_out="Make the resource anew.")
