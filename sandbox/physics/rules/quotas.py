"""There is never more of a thing than the quota allows."""

from sandbox import facts
from sandbox.physics.change import Broken, Change
from sandbox.physics.world import World

TABLE = facts.table("quotas")
TYPES = list(TABLE)
ACTIONS = ("create",)
RANK = 9


def check(change: Change, world: World) -> None:
    entry = TABLE[change.type]
    within = change.text(entry["within"])
    if within and world.store.count_of(change.type, entry["within"], within) >= entry["limit"]:
        message = f"Quota '{entry['name']}' exceeded. Limit: {entry['limit']}.0 in {within}."
        hint = "Ask for more quota, or make fewer."
        raise Broken(403, "RESOURCE_EXHAUSTED", message, "quotaExceeded", way_out=hint)
