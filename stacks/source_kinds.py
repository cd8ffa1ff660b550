"""What follows from the kind of a source, and from the classification of a column."""

from __future__ import annotations

from functools import cache
from typing import Literal

from settings.model import Model
from stacks.tables import table


class Kind(Model):
    """One kind of source: services whose keys it uses, roles that read it, what is refused there, what may cross."""

    keys: list[str]
    readers: list[str]
    refused: list[str]
    crossing: dict[str, dict[Literal["methods", "permissions"], list[str]]]


@cache
def kinds() -> dict[str, Kind]:
    """The table of kinds."""
    found: dict[str, Kind] = table(dict[str, Kind], "sources")
    return found


@cache
def classifications() -> dict[str, dict[str, str]]:
    """Description and masking of each classification."""
    found: dict[str, dict[str, str]] = table(dict[str, dict[str, str]], "classifications")
    return found
