"""A name is taken once: of buckets and projects in the whole world, of all else beside its siblings; some for ever."""

import re

from sandbox import facts
from sandbox.physics.change import Broken, Change
from sandbox.physics.world import World
from sandbox.templates import last

TYPES = None
ACTIONS = ("create",)
RANK = 8

_FIELD = re.compile(r"\{(\w*)(?:\|(\w+))?\}")
_TWICE_IS_FINE = re.compile(r"_iam_(member|binding|policy|audit_config)$")


def check(change: Change, world: World) -> None:
    if _TWICE_IS_FINE.search(change.type) or change.type in facts.table("ids")["idempotent"]:
        return
    id_ = _id(change)
    if id_ and (world.has(change.type, id_) or world.store.get_kept(change.type, id_) is not None):
        raise _taken(f"{id_} already exists.")
    names = facts.table("ids")["unique"].get(change.type)
    wanted = [change.values.get(name) for name in names or ()]
    if not names or any(not isinstance(value, str | list) for value in wanted):
        return
    for other, values in world.store.find(change.type):
        if [values.get(name) for name in names] == wanted:
            raise _taken(f"{other} with the same {', '.join(names)} already exists.")


def _taken(message: str) -> Broken:
    hint = "Choose another name, or import what is there."
    return Broken(409, "ALREADY_EXISTS", message, "alreadyExists", way_out=hint)


def _id(change: Change) -> str:
    """The id that the resource is to get; empty where Google decides."""
    template = str(facts.table("ids")["ids"].get(change.type) or facts.of(change.type).get("id") or "")
    fields = _FIELD.findall(template)
    if not fields or any(filter_ not in ("", "last") or not change.text(name) for name, filter_ in fields):
        return ""
    paths = template.startswith("{")
    return _FIELD.sub(lambda field: change.text(field[1]) if paths else last(change.text(field[1])), template)
