"""What is protected from deletion is not deleted before the protection is lifted."""

from sandbox.physics.change import Change, unmet
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("delete",)


def check(change: Change, world: World) -> None:
    id_ = change.text("id")
    if not world.has(change.type, id_):
        return
    if change.values.get("deletion_protection") is True:
        hint = "Set deletion_protection to false, apply, then destroy."
        raise unmet(f"cannot destroy {change.type} {id_} without setting deletion_protection=false", way_out=hint)
    if change.values.get("deletion_policy") == "PREVENT":
        hint = "Set deletion_policy to DELETE, apply, then destroy."
        raise unmet(f"cannot destroy {change.type} {id_} as deletion_policy is set to PREVENT", way_out=hint)
