"""A resource as a rule reads it: the same from a plan, from HCL and from JSON.

Checkov wraps what it read: scalars in lists of one, blocks in lists of dicts, unset attributes as [None], empty blocks
as [[]]. Here a path leads to what is there, and what is unset is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

UNKNOWN = "true_after_unknown"
WORDS = {"true": True, "false": False}


class Values:
    """The values of one resource; `type` and `address` say which."""

    def __init__(self, values: Mapping[str, Any], type_: str = "", address: str = "") -> None:
        self.values, self.type, self.address = values, type_, address

    def all(self, path: str) -> list[Any]:
        """Every scalar at the path, through all blocks on the way."""
        return [WORDS.get(v, v) if isinstance(v, str) else v for v in _scalars(self.values, path.split("."))]

    def get(self, path: str, default: Any = None) -> Any:
        """The first scalar at the path."""
        return next(iter(self.all(path)), default)

    def text(self, path: str) -> str:
        """The first scalar at the path as text; nothing where it is unset."""
        return str(self.get(path, ""))

    def blocks(self, path: str) -> list[Values]:
        """Every block (or map) at the path."""
        return [Values(found, self.type, self.address) for found in _blocks(self.values, path.split("."))]

    def keys(self, path: str) -> set[str]:
        """The keys of the map at the path."""
        return {key for block in self.blocks(path) for key in block.values if not key.startswith("__")}

    def strings(self) -> Iterator[str]:
        """Every text anywhere in the resource."""
        yield from _strings(self.values)

    def names_other_than(self, path: str, known: set[Any]) -> list[Any]:
        """The scalars at the path that are not among the known ones."""
        return [value for value in self.all(path) if value not in known and value != UNKNOWN]


def _blocks(value: Any, words: list[str]) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _blocks(item, words)
    elif isinstance(value, Mapping):
        if not words:
            yield value
        else:
            yield from _blocks(value.get(words[0]), words[1:])


def _scalars(value: Any, words: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _scalars(item, words)
    elif isinstance(value, Mapping):
        if words:
            yield from _scalars(value.get(words[0]), words[1:])
    elif value is not None and not words:
        yield value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
