"""A store that notes what was looked up, so that it is known who could notice that something is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from sandbox.store import Store

Look = tuple[str, str]
ALL = "*"


class Recording(Store):
    """Every look is noted in `looks` as (type, id), or (type, *) where a whole type was looked through."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.looks: set[Look] = set()
        self._never = count()

    def revision(self, types: Iterable[str]) -> tuple[int, ...]:
        """Never the same: what is remembered would not be looked up, and not be noted."""
        return (next(self._never),)

    def has(self, type_: str, id_: str) -> bool:
        self.looks.add((type_, id_))
        return super().has(type_, id_)

    def get(self, type_: str, id_: str) -> dict[str, Any] | None:
        self.looks.add((type_, id_))
        return super().get(type_, id_)

    def granted_to(self, member: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for type_, id_, values in super().granted_to(member):
            self.looks.add((type_, id_))
            yield type_, id_, values

    def find(self, type_: str) -> list[tuple[str, dict[str, Any]]]:
        self.looks.add((type_, ALL))
        return super().find(type_)

    def under(self, type_: str, prefix: str) -> list[tuple[str, dict[str, Any]]]:
        self.looks.add((type_, ALL))
        return super().under(type_, prefix)
