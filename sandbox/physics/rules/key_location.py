"""A key protects only what lies where it lies: a region its own region, a multi-region its multi-region."""

from sandbox import facts
from sandbox.physics.change import Change, invalid
from sandbox.physics.keys import keys_of, location_of
from sandbox.physics.places import place_of
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")


def check(change: Change, world: World) -> None:
    table = facts.table("keys")
    for place, key in keys_of(change) if change.type not in table["anywhere"] else ():
        wanted = _wanted(change)
        if wanted and location_of(key) != wanted:
            message = f"The key {key} is in {location_of(key)}, the resource needs one in {wanted}."
            raise invalid(message, path=place, way_out=f"Use a key of a key ring in {wanted}.")


def _wanted(change: Change) -> str:
    where = place_of(change)[1]
    found: str = facts.table("keys")["multi_regions"].get(where, where)
    return found
