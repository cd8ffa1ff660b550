"""The inputs of a template, read from `variables.tf`: what a form asks, and how its fields are limited.

Terraform alone judges values. What is read from its conditions here only helps the person before that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2.api

from settings.problems import InvalidSettings, Problem

REQUIRED = object()

_OPTIONS = re.compile(r"^contains\(\[(?P<list>[^\]]*)\],\s*var\.\w+\)$")
_PATTERN = re.compile(r'^can\(regex\("(?P<pattern>(?:[^"\\]|\\.)*)",\s*var\.\w+\)\)$')
_BOUND = re.compile(r"^var\.\w+ (?P<sign>>=|<=) (?P<amount>-?\d+(?:\.\d+)?)$")
_LENGTH = re.compile(r"^length\((?:trimspace\()?var\.\w+\)?\) (?P<sign>>=|<=) (?P<amount>\d+)$")


@dataclass(frozen=True)
class Hints:
    """What a condition says to a form. Each is None where Terraform's condition has no such simple part."""

    options: tuple[str, ...] | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    shortest: int | None = None
    longest: int | None = None


@dataclass(frozen=True)
class Variable:
    """One input. `default` is REQUIRED where a value has to be given; `lines` is its place in variables.tf."""

    name: str
    type: str
    description: str
    default: Any
    messages: tuple[str, ...]
    conditions: tuple[str, ...]
    lines: range

    @property
    def required(self) -> bool:
        """Whether a value has to be given."""
        return self.default is REQUIRED

    @property
    def hints(self) -> Hints:
        """What a form can tell before Terraform is asked."""
        found: dict[str, Any] = {}
        for condition in self.conditions:
            if "||" not in condition:
                for part in condition.split(" && "):
                    found |= _hint(part)
        return Hints(**found)


def read_variables(file: Path) -> list[Variable]:
    """The variables of a file, in its order. InvalidSettings where it is no Terraform."""
    return [_variable(name, body) for name, body in _blocks(file, "variable")]


def read_outputs(file: Path) -> dict[str, str]:
    """Name and description of every output."""
    return {name: str(_one(body, "description", "")) for name, body in _blocks(file, "output")}


def _blocks(file: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    place = f"{file.parent.name}/{file.name}"
    try:
        document = hcl2.api.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidSettings([Problem(place, f"cannot be read ({error.strerror})", "write it")]) from None
    except Exception as error:
        # The parser raises many kinds; all of them mean that Terraform would not read the file either.
        first = str(error).strip().splitlines()[0]
        raise InvalidSettings([Problem(place, f"is no Terraform ({first})", "run terraform fmt")]) from None
    for block in document.get(kind, []):
        yield from block.items()


def _variable(name: str, body: dict[str, Any]) -> Variable:
    rules = body.get("validation", [])
    return Variable(
        name=name,
        type=re.sub(r"^\$\{(.*)\}$", r"\1", str(_one(body, "type", "any"))),
        description=str(_one(body, "description", "")),
        default=_one(body, "default", REQUIRED),
        messages=tuple(str(_one(rule, "error_message", "")) for rule in rules),
        conditions=tuple(re.sub(r"^\$\{(.*)\}$", r"\1", str(_one(rule, "condition", ""))) for rule in rules),
        lines=range(body["__start_line__"], body["__end_line__"] + 1),
    )


def _one(body: dict[str, Any], key: str, otherwise: Any) -> Any:
    found = body.get(key)
    return found[0] if found else otherwise


def _hint(part: str) -> dict[str, Any]:
    if match := _OPTIONS.match(part):
        return {"options": tuple(re.findall(r"""['"]([^'"]*)['"]""", match["list"]))}
    if match := _PATTERN.match(part):
        return {"pattern": match["pattern"].replace("\\\\", "\\")}
    for expression, names, kind in (
        (_BOUND, ("minimum", "maximum"), float),
        (_LENGTH, ("shortest", "longest"), int),
    ):
        if match := expression.match(part):
            return {names[match["sign"] == "<="]: kind(match["amount"])}
    return {}
