"""What a resource is inside of, or names by a short name, must exist: bucket, zone, dataset, topic, router."""

from sandbox import facts
from sandbox.physics.change import Change, missing
from sandbox.physics.references import short_names
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")


def check(change: Change, world: World) -> None:
    for attribute, type_ in facts.table("references")["nested"].get(change.type, {}).items():
        for place, text in change.strings:
            if [part for part in place if isinstance(part, str)] == attribute.split(".") and not world.has(type_, text):
                raise missing(f"{type_.removeprefix('google_')} {text}", place)
    for attribute, type_, id_ in short_names(change.type, change.values):
        if not world.has(type_, id_):
            raise missing(f"{type_.removeprefix('google_')} {id_}", (attribute,))
