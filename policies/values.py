"""A resource as a rule reads it: the same from a plan, from HCL and from JSON.

Checkov wraps what it read: scalars in lists of one, blocks in lists of dicts, unset attributes as [None], empty blocks
as [[]]. Here a path leads to what is there, and what is unset is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

UNKNOWN = "true_after_unknown"
# What a template leaves to who orders it, and what another resource will say.
OPEN = re.compile(r"\$\{|\b(var|local|module|each)\.\w|^(data\.)?google_\w+\.|^[a-z]+\(")
WORDS = {"true": True, "false": False}


class Values:
    """The values of one resource; `type` and `address` say which."""

    def __init__(self, values: Mapping[str, Any], type_: str = "", address: str = "") -> None:
        self.values, self.type, self.address = values, type_, address

    def all(self, path: str) -> list[Any]:
        """Every scalar at the path, through all blocks on the way."""
        return [WORDS.get(v, v) if isinstance(v, str) else v for v in _scalars(self.values, path.split("."))]

    def every(self, path: str) -> bool:
        """Whether the path leads to something, in each of several blocks on its way; an empty text is nothing."""
        return _every(self.values, path.split("."))

    def get(self, path: str, default: Any = None) -> Any:
        """The first scalar at the path."""
        return next(iter(self.all(path)), default)

    def text(self, path: str) -> str:
        """The first scalar at the path as text; nothing where it is unset."""
        return str(self.get(path, ""))

    def open(self, path: str) -> bool:
        """Whether something at the path is decided later: after the apply, or by who orders the template."""
        return any(is_open(value) for value in self.all(path))

    def blocks(self, path: str) -> list[Values]:
        """Every block (or map) at the path."""
        return [Values(found, self.type, self.address) for found in _blocks(self.values, path.split("."))]

    def keys(self, path: str) -> set[str]:
        """The keys of the map at the path."""
        return {key for block in self.blocks(path) for key in block.values if not key.startswith("__")}

    def strings(self) -> Iterator[str]:
        """Every text anywhere in the resource."""
        yield from _strings(self.values)


def is_open(value: Any) -> bool:
    """Whether a value is decided later."""
    return isinstance(value, str) and (value == UNKNOWN or bool(OPEN.search(value)))


def number(text: Any) -> float:
    """A number, or a duration in seconds; 0 where it is none or is known only after the apply.

    ValueError for what a template leaves to who orders it: then nobody can judge it yet.
    """
    if is_open(text) and text != UNKNOWN:
        raise ValueError(f"'{text}' is decided later")
    found = re.fullmatch(r"(\d+(?:\.\d+)?)s?", str(text))
    return float(found[1]) if found else 0.0


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


def _every(value: Any, words: list[str]) -> bool:
    if isinstance(value, list):
        return bool(value) and all(_every(item, words) for item in value)
    if isinstance(value, Mapping):
        return bool(words) and _every(value.get(words[0]), words[1:])
    return not words and value not in (None, "")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
