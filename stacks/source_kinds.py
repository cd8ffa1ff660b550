"""The tables about source data, typed: what follows from the kind of a source and from the class of a column."""

from __future__ import annotations

from typing import Literal

from settings.model import Model

Operations = dict[str, dict[Literal["methods", "permissions"], list[str]]]


class Kind(Model):
    """One kind of source: services whose keys it uses, roles that read it, what is refused there, what may cross."""

    keys: list[str]
    readers: list[str]
    refused: list[str]
    crossing: Operations


class ColumnClass(Model):
    """A class of columns: what it means, and BigQuery's masking that readers see instead of a value."""

    description: str
    masking: str
