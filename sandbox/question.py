"""What a data source asks, and the means to answer it."""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.configuration import Configuration
from sandbox.diagnostics import Refused, not_found
from sandbox.store import Store
from sandbox.templates import digest_of, last

Values = dict[str, Any]


@dataclass
class Question:
    """What a data source asks for, and where the answer may be found."""

    type_: str
    config: Values
    store: Store
    settings: Configuration

    def asked(self) -> Values:
        """What the configuration narrows the search by."""
        return {name: v for name, v in self.config.items() if v not in (None, [], {}, "") and not isinstance(v, dict)}

    def attribute(self, name: str) -> Any:
        return self.config.get(name) or self.settings.default(name)

    def text(self, name: str) -> str:
        return str(self.attribute(name) or "")

    def project(self) -> str:
        project = last(self.text("project"))
        if not project:
            raise Refused("project: required field is not set", "Set project here or in the provider block.")
        return project

    def project_number(self, project: str) -> int:
        return self.store.number("project", project)

    def own_number(self) -> int:
        return self.store.number(self.type_, json.dumps(self.asked(), sort_keys=True))

    def digest(self) -> bytes:
        return digest_of(self.type_, json.dumps(self.asked(), sort_keys=True))

    def now(self) -> str:
        return "2026-01-01T00:00:00Z"

    def related(self, filter_: str, value: str) -> str:
        return value

    def find(self, type_: str, **wanted: Any) -> list[Values]:
        """The resources of a type with these values, compared by their last path segment."""
        return [
            values
            for _, values in self.store.find(type_)
            if all(last(str(values.get(name) or "")) == last(str(value)) for name, value in wanted.items())
        ]

    def one(self, type_: str, **wanted: Any) -> Values:
        found = self.find(type_, **wanted)
        if len(found) == 1:
            return found[0]
        said = ", ".join(f'{name} "{value}"' for name, value in wanted.items())
        if found:
            raise Refused(f"{type_} with {said}: {len(found)} found, expected one")
        raise not_found(f"{type_} with {said}")
