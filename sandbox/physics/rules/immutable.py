"""What cannot be changed in place is refused in an update; Terraform replaces the resource instead."""

from collections.abc import Iterator
from typing import Any

from sandbox import facts
from sandbox.codec import unknown
from sandbox.physics.change import Change, invalid
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("update",)


def check(change: Change, world: World) -> None:
    line, prior = facts.of(change.type), change.prior or {}
    fixed = str(line.get("replace", "")).split()
    computed = str(line.get("computed", "")).split()
    for name in prior if fixed == ["*"] else fixed:
        before, after = (sorted(_at(values, name.split(".")), key=repr) for values in (prior, change.values))
        if name in computed or not before or any(map(unknown, after)):
            continue
        if not after and "." not in name and isinstance(before[0], str | bool | int):
            continue  # a name that the API does not repeat is not taken away
        if (_blocks(before) and len(before) != len(after)) or (not _blocks(before) and before != after):
            told = " to ".join(f"'{', '.join(map(str, it))}'" for it in (before, after) if not _blocks(it))
            message = f"Invalid value for field '{name}': it cannot be {'changed from ' + told if told else 'changed'}."
            raise invalid(message, path=(name.partition(".")[0],), way_out="Make the resource anew.")


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    """Everything at a path, through each of several blocks; nothing where nothing is."""
    for item in value if isinstance(value, list) else [value]:
        if path and isinstance(item, dict):
            yield from _at(item.get(path[0]), path[1:])
        elif not path and item not in (None, ""):
            yield item


def _blocks(found: list[Any]) -> bool:
    return any(isinstance(item, dict) for item in found)
