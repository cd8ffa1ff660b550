"""The prompted model component: template, examples, model, parameters and safety as one thing with one version.

`prompts/<name>/` holds `prompt.yaml`, `template.txt` and, where there are any, `examples.jsonl`. The version is the
hash of all of it: whoever changes a byte that the model sees has another component.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from jinja2 import Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.runtime import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import Field, PositiveInt, TypeAdapter, model_validator

from pipelines.genai import lines
from pipelines.genai.image import Image
from settings.loading import parse, read_yaml
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import Email, Model

SPECIFICATION, TEMPLATE, EXAMPLES = "prompt.yaml", "template.txt", "examples.jsonl"
SHORT = 12
LEVELS = ["BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE"]
Harm = Literal[
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
]
Level = Literal["BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE"]
HARMS: tuple[Harm, ...] = Harm.__args__  # type: ignore[attr-defined]
FLOOR: Level = "BLOCK_MEDIUM_AND_ABOVE"
Environment = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False, autoescape=False
)


TYPES: dict[str, type | tuple[type, ...]] = {"text": str, "number": (int, float), "passages": list, "image": Image}


class Parameters(Model):
    """How the model generates."""

    temperature: Annotated[float, Field(ge=0, le=2, strict=False)] = 0.0
    top_p: Annotated[float, Field(gt=0, le=1, strict=False)] = 1.0
    max_output_tokens: PositiveInt = 256
    seed: int = 0


class Input(Model):
    """A variable of the template. Where it has a value here, nobody needs to give one."""

    type: Literal["text", "number", "passages", "image"]
    description: str
    value: str | int | None = None


class Example(Model):
    """A worked example that the template shows to the model."""

    inputs: dict[str, str]
    output: str


class Specification(Model):
    """`prompt.yaml`: everything about the component that is not its text."""

    title: str
    owner: Email
    task: Literal["answer", "rate", "prefer", "improve"]
    model: str
    model_version: str
    parameters: Parameters = Parameters()
    safety: dict[Harm, Level]
    inputs: dict[str, Input]

    @model_validator(mode="before")
    @classmethod
    def _of_this_version(cls, given: Any) -> Any:
        """A model is its own version where no other is written down: who changes it changes one line."""
        named = isinstance(given, dict) and "model" in given
        return {"model_version": given["model"], **given} if named else given


@dataclass(frozen=True)
class Prompt:
    """A component as it stands in its folder."""

    name: str
    it: Specification
    template: str
    examples: tuple[Example, ...] = ()

    @cached_property
    def content(self) -> dict[str, Any]:
        """All of it as JSON: what the version is the hash of, and what is published."""
        specification = self.it.model_dump(mode="json", exclude={"title", "owner"})
        return {**specification, "template": self.template, "examples": [e.model_dump() for e in self.examples]}

    @cached_property
    def version(self) -> str:
        """The content hash."""
        return lines.digest(self.content)

    @cached_property
    def compiled(self) -> Template:
        return Environment.from_string(self.template)

    def render(self, values: Mapping[str, Any]) -> str:
        """The text that the model sees. Raises InvalidSettings for a value that is missing, unknown or unfit."""
        given = {key: it.value for key, it in self.it.inputs.items() if it.value is not None} | dict(values)
        problems = list(self._unfit(given))
        if problems:
            raise InvalidSettings(problems)
        try:
            return self.compiled.render(given, examples=self.examples)
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            text = f"cannot be rendered ({error})"
            raise InvalidSettings([Problem(f"prompts/{self.name}/{TEMPLATE}", text, "correct the template")]) from None

    def images(self, values: Mapping[str, Any]) -> list[Image]:
        """What the model is shown beside the text, in the order of the inputs."""
        return [values[name] for name, it in self.it.inputs.items() if it.type == "image"]

    def asking(self, model: str) -> Prompt:
        """The component with another model; all else stays."""
        return replace(self, it=self.it.model_copy(update={"model": model, "model_version": model}))

    def _unfit(self, given: Mapping[str, Any]) -> Iterator[Problem]:
        place, inputs = f"prompts/{self.name}", self.it.inputs
        for name in inputs.keys() - given.keys():
            yield Problem(place, f"the input '{name}' has no value", f"give one: {inputs[name].description}")
        for name in given.keys() - inputs.keys():
            yield Problem(place, f"unknown input '{name}'", suggestion(name, inputs, "remove it"))
        for name in given.keys() & inputs.keys():
            if not isinstance(given[name], TYPES[inputs[name].type]) or isinstance(given[name], bool):
                yield Problem(place, f"the input '{name}' is no {inputs[name].type}", inputs[name].description)


def read(folder: Path) -> Prompt:
    """The component of a folder. Raises InvalidSettings with everything that is wrong with it."""
    place = f"prompts/{folder.name}"
    path = folder / SPECIFICATION
    it: Specification = parse(
        TypeAdapter(Specification), read_yaml(path, f"{place}/{SPECIFICATION}"), f"{place}/{SPECIFICATION}"
    )
    template = lines.text(folder / TEMPLATE, f"{place}/{TEMPLATE}")
    shots = folder / EXAMPLES
    examples = lines.records(shots, Example, f"{place}/{EXAMPLES}") if shots.exists() else []
    prompt = Prompt(folder.name, it, template, tuple(examples))
    problems = [*_wrong_template(prompt, place), *_unsafe(prompt, place)]
    if problems:
        raise InvalidSettings(problems)
    return prompt


def read_all(folder: Path) -> dict[str, Prompt]:
    """Every component below a folder by name; all problems at once."""
    found: dict[str, Prompt] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob(f"*/{SPECIFICATION}")):
        try:
            found[path.parent.name] = read(path.parent)
        except InvalidSettings as error:
            problems += error.problems
    if problems:
        raise InvalidSettings(problems)
    return found


def files(prompt: Prompt) -> dict[str, str]:
    """The files of a component, by name: what `read` reads back."""
    specification = yaml.safe_dump(prompt.it.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=120)
    shots = {EXAMPLES: lines.written(prompt.examples)} if prompt.examples else {}
    return {SPECIFICATION: specification, TEMPLATE: prompt.template, **shots}


def difference(old: Prompt, new: Prompt) -> str:
    """What changed between two components, as a unified diff of their content; empty where nothing did."""
    before, after = (_readable(p) for p in (old, new))
    old_name, new_name = (f"{p.name}@{p.version[:SHORT]}" for p in (old, new))
    return "".join(difflib.unified_diff(before, after, old_name, new_name, n=1))


def _readable(prompt: Prompt) -> list[str]:
    rest = {k: v for k, v in prompt.content.items() if k != "template"}
    document = json.dumps(rest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return [*document.splitlines(keepends=True), *(line + "\n" for line in prompt.template.splitlines())]


def _wrong_template(prompt: Prompt, place: str) -> Iterator[Problem]:
    file = f"{place}/{TEMPLATE}"
    try:
        tree = Environment.parse(prompt.template)
        Environment.from_string(prompt.template)
    except TemplateSyntaxError as error:
        yield Problem(f"{file}:{error.lineno}", f"cannot be parsed ({error.message})", "correct the template")
        return
    used, declared = meta.find_undeclared_variables(tree) - {"examples"}, set(prompt.it.inputs)
    for name in sorted(used - declared):
        line = next((n.lineno for n in tree.find_all(nodes.Name) if n.name == name), 1)
        yield Problem(
            f"{file}:{line}", f"unknown variable '{name}'", suggestion(name, declared, "declare it in inputs")
        )
    for name in sorted(declared - used):
        yield Problem(f"{place}/{SPECIFICATION}.inputs", f"the template does not use '{name}'", "remove it")
    for number, example in enumerate(prompt.examples, 1):
        for name in sorted(example.inputs.keys() - declared):
            yield Problem(
                f"{place}/{EXAMPLES}:{number}", f"unknown input '{name}'", suggestion(name, declared, "remove it")
            )


def _unsafe(prompt: Prompt, place: str) -> Iterator[Problem]:
    for harm in HARMS:
        level = prompt.it.safety.get(harm)
        if level is None or LEVELS.index(level) < LEVELS.index(FLOOR):
            text = f"{harm} is {'not set' if level is None else level}"
            yield Problem(f"{place}/{SPECIFICATION}.safety", text, f"set {FLOOR} or stricter")
