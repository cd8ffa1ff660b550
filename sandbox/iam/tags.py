"""Tags: which are bound where, and which count for a resource because of what it lies in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tag:
    """A value of a key: `key` like `123/env`, `value` like `prod`, and the ids of both."""

    key: str
    key_id: str
    value: str
    value_id: str


class Tags:
    """Every key, value and binding of an estate."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._values: dict[str, tuple[str, str]] = {}
        self._bound: list[tuple[str, str]] = []
        self._at: dict[str, list[Tag]] = defaultdict(list)

    def learn(self, type_: str, values: Mapping[str, Any]) -> None:
        """Take notice of a key, a value or a binding."""
        id_ = str(values.get("id") or values.get("name") or "")
        if type_ == "google_tags_tag_key":
            self._keys[id_] = str(values.get("namespaced_name") or f"{values.get('parent')}/{values.get('short_name')}")
        elif type_ == "google_tags_tag_value":
            self._values[id_] = str(values.get("parent")), str(values.get("short_name"))
        elif type_.endswith("_tag_binding"):
            self._bound.append((str(values.get("parent")), str(values.get("tag_value"))))

    def settle(self, plain: Callable[[str], str]) -> None:
        """Everything is known: bind each value to its place."""
        for parent, value_id in self._bound:
            key_id, value = self._values.get(value_id, ("", ""))
            key = self._keys.get(key_id, "").removeprefix("organizations/").removeprefix("projects/")
            self._at[plain(parent)].append(Tag(key, key_id, value, value_id))

    def of(self, above: Iterable[str]) -> frozenset[Tag]:
        """What counts for a resource: of each key the nearest value. `above` begins with the resource itself."""
        found: dict[str, Tag] = {}
        for place in above:
            for tag in self._at.get(place, ()):
                found.setdefault(tag.key_id or tag.key, tag)
        return frozenset(found.values())
