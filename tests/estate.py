"""The synthesized estate as plain data, for tests that ask what is in it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Resource:
    """One resource or data source of one stack, as synthesized. `values` holds references as `${...}` strings."""

    stack: str
    type: str
    name: str
    values: dict[str, Any]

    @property
    def address(self) -> str:
        return f"{self.type}.{self.name}"


@dataclass(frozen=True)
class Estate:
    """Every synthesized stack by name."""

    folder: Path
    documents: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, folder: Path) -> Estate:
        found = sorted((folder / "stacks").glob("*/cdk.tf.json"))
        return cls(folder, {path.parent.name: json.loads(path.read_text()) for path in found})

    def planted(self, stack: str, address: str, values: dict[str, Any] | None) -> Estate:
        """The estate with one resource as somebody spoiled it: other values, or None and it is gone."""
        documents = self.documents | {stack: copy.deepcopy(self.documents[stack])}
        type_, _, name = address.partition(".")
        entries = documents[stack].setdefault("resource", {}).setdefault(type_, {})
        if values is None:
            del entries[name]
        else:
            entries[name] = entries.get(name, {}) | values
        return Estate(self.folder, documents)

    def resources(self, type_: str = "google_*", stack: str = "*") -> list[Resource]:
        """Resources whose type and stack match the globs."""
        return list(self._walk("resource", type_, stack))

    def data(self, type_: str = "google_*", stack: str = "*") -> list[Resource]:
        """Data sources whose type and stack match the globs."""
        return list(self._walk("data", type_, stack))

    def _walk(self, section: str, type_: str, stack: str) -> Iterator[Resource]:
        from fnmatch import fnmatchcase

        for stack_name, document in self.documents.items():
            if not fnmatchcase(stack_name, stack):
                continue
            for resource_type, entries in document.get(section, {}).items():
                if fnmatchcase(resource_type, type_):
                    for name, values in entries.items():
                        yield Resource(stack_name, resource_type, name, values)
