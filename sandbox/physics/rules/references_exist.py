"""Every resource that is named by its path must exist, or the longest part of the path whose kind is known."""

from sandbox.physics.change import Change, missing
from sandbox.physics.references import path_in
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")

_OWN = ("id", "name", "self_link", "self_link_with_id")


def check(change: Change, world: World) -> None:
    for place, text in change.strings:
        path = path_in(text)
        if not path:
            continue
        if len(place) == 1 and place[0] in _OWN:
            path = path.rpartition("/")[0].rpartition("/")[0]
        lacking = world.named(path)
        if lacking:
            raise missing(f"Resource '{lacking}'", place)
