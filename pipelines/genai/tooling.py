"""A tool: what a chain may call beside models and retrieval, declared so that its callers know what it takes and gives.

`tools/<name>.yaml`. The version is the hash of the declaration; a value of another type is refused before the call, and
after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import TypeAdapter

from pipelines.genai import functions, lines
from pipelines.genai.assets import Assets
from settings.loading import parse, read_yaml
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import Email, Model

TYPES: dict[str, type | tuple[type, ...]] = {"text": str, "number": (int, float)}
SCHEMAS = {"text": "STRING", "number": "NUMBER"}
Kind = Literal["text", "number"]


class Argument(Model):
    """What a tool takes."""

    type: Kind
    description: str


class Specification(Model):
    """`tools/<name>.yaml`."""

    title: str
    owner: Email
    description: str
    inputs: dict[str, Argument]
    output: Kind
    function: str


@dataclass(frozen=True)
class Tool:
    """A tool that is resolved."""

    name: str
    it: Specification

    @cached_property
    def version(self) -> str:
        """The hash of the declaration and of the schema that its function really has."""
        declared = self.it.model_dump(mode="json", exclude={"title", "owner"})
        return lines.digest({**declared, "schema": functions.schema(self.it.function)})

    @property
    def declaration(self) -> dict[str, Any]:
        """The declaration as a model of Vertex AI takes it."""
        given = {k: {"type": SCHEMAS[a.type], "description": a.description} for k, a in self.it.inputs.items()}
        parameters = {"type": "OBJECT", "properties": given, "required": list(given)}
        return {"name": self.name, "description": self.it.description, "parameters": parameters}

    def call(self, given: Mapping[str, Any]) -> Any:
        """What it says. Raises InvalidSettings for a value that is not as declared."""
        problems = list(self._unfit(given))
        if problems:
            raise InvalidSettings(problems)
        found = functions.FUNCTIONS[self.it.function](**given)
        if not isinstance(found, TYPES[self.it.output]):
            text = f"gave {type(found).__name__}, declared is {self.it.output}"
            raise InvalidSettings([Problem(f"tools/{self.name}", text, "correct the function or the declaration")])
        return found

    def _unfit(self, given: Mapping[str, Any]) -> Iterator[Problem]:
        place = f"tools/{self.name}.inputs"
        for name in sorted(self.it.inputs.keys() ^ given.keys()):
            text = f"'{name}' is missing" if name in self.it.inputs else f"unknown input '{name}'"
            yield Problem(place, text, f"it takes {', '.join(self.it.inputs)}")
        for name in sorted(self.it.inputs.keys() & given.keys()):
            if not isinstance(given[name], TYPES[self.it.inputs[name].type]):
                yield Problem(place, f"'{name}' is no {self.it.inputs[name].type}", self.it.inputs[name].description)


def read(assets: Assets, name: str) -> Tool:
    """The tool of a name. Raises InvalidSettings where its declaration is not what its function takes."""
    place = f"tools/{name}.yaml"
    it: Specification = parse(TypeAdapter(Specification), read_yaml(assets.path("tools", name), place), place)
    if it.function not in functions.FUNCTIONS:
        way_out = suggestion(it.function, functions.FUNCTIONS, "see functions.py")
        raise InvalidSettings([Problem(f"{place}.function", f"no function '{it.function}'", way_out)])
    taken = functions.schema(it.function).keys() - {"return"}
    problems = [
        Problem(f"{place}.inputs", f"'{key}' is declared, or taken, and not both", "declare what the function takes")
        for key in sorted(taken ^ it.inputs.keys())
    ]
    if problems:
        raise InvalidSettings(problems)
    return Tool(name, it)
