"""A key whose version is disabled, or on its way to be destroyed, protects nothing new."""

from sandbox.physics.change import Change, unmet
from sandbox.physics.keys import keys_of, primary_state
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")
RANK = 6


def check(change: Change, world: World) -> None:
    for place, key in keys_of(change):
        state = primary_state(key, world)
        if state != "ENABLED":
            hint = "Enable or restore its version, or make another one the primary."
            raise unmet(f"The primary version of the key {key} is {state}.", path=place, way_out=hint)
