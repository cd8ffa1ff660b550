"""Whether the steps of a chain fit together: each is given what its component takes, by what a step before it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.genai import functions
from pipelines.genai.prompt import Prompt
from pipelines.genai.retrieval import Index
from pipelines.genai.tooling import Tool
from settings.problems import Problem, suggestion

if TYPE_CHECKING:
    from pipelines.genai.chain import Specification, Step

GIVEN = "question"
"""What whoever runs a chain gives it."""
ANNOTATED = {"str": "text", "int": "number", "float": "number", "list[dict[str, str]]": "passages"}
Components = Mapping[str, Mapping[str, Prompt | Index | Tool]]


@dataclass(frozen=True)
class Shape:
    """The types that a component takes, by name, which of them it must be given, and the type that it makes."""

    takes: Mapping[str, str]
    needs: frozenset[str]
    makes: str


def misconnected(it: Specification, components: Components, place: str) -> Iterator[Problem]:
    """Every input that is missing, unknown, not there yet or of another type.

    `components` are those that were found, by kind and pinned name; what others take is not known.
    """
    for name in it.inputs:
        if name != GIVEN:
            yield Problem(f"{place}.inputs", f"nobody gives a chain '{name}'", f"take '{GIVEN}'")
    made = dict.fromkeys(it.inputs, "text")
    for name, step in it.steps.items():
        shape = _shape(step, components)
        yield from _unfit(step, shape, made, f"{place}.steps.{name}.inputs")
        made[name] = shape.makes if shape else ""
    if it.output.removeprefix("$") not in made:
        yield Problem(f"{place}.output", f"'{it.output}' is no step", suggestion(it.output, made, "name a step"))


def _unfit(step: Step, shape: Shape | None, made: Mapping[str, str], place: str) -> Iterator[Problem]:
    component = step.component[1].partition("@")[0]
    for key, source in step.inputs.items():
        plain = source.removeprefix("$")
        if plain not in made:
            way_out = suggestion(plain, made, "take the output of a step before")
            yield Problem(f"{place}.{key}", f"'{source}' is not there yet", way_out)
        elif shape and key not in shape.takes:
            way_out = suggestion(key, shape.takes, f"it takes {', '.join(shape.takes)}")
            yield Problem(f"{place}.{key}", f"'{component}' takes no '{key}'", way_out)
        elif shape and "" not in (made[plain], shape.takes[key]) and made[plain] != shape.takes[key]:
            text = f"'{component}' takes {shape.takes[key]}, '{source}' is {made[plain]}"
            yield Problem(f"{place}.{key}", text, "take the output of another step")
    for key in sorted(shape.needs - step.inputs.keys()) if shape else ():
        yield Problem(place, f"'{component}' needs '{key}'", "say where it comes from")


def _shape(step: Step, components: Components) -> Shape | None:
    kind, name = step.component
    if kind == "function":
        return _of_function(name) if name in functions.FUNCTIONS else None
    match components[kind].get(name):
        case Prompt(it=it):
            needs = (key for key, one in it.inputs.items() if one.value is None)
            return Shape({key: one.type for key, one in it.inputs.items()}, frozenset(needs), "text")
        case Index():
            return Shape({"question": "text"}, frozenset({"question"}), "passages")
        case Tool(it=it):
            return Shape({key: one.type for key, one in it.inputs.items()}, frozenset(it.inputs), it.output)
    return None


def _of_function(name: str) -> Shape:
    """By its annotations; a type that no other component has is taken from everywhere."""
    types = {key: ANNOTATED.get(annotation, "") for key, annotation in functions.schema(name).items()}
    makes = types.pop("return")
    return Shape(types, frozenset(types), makes)
