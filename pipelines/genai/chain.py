"""A chain: prompts, retrieval, tools and functions as a declared graph in which every component is pinned to a version.

A step names its component as `name@version` and takes its inputs from the chain's or from steps before it, as `$name`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import PositiveInt, TypeAdapter, model_validator

from pipelines.genai import lines, retrieval, tooling
from pipelines.genai.assets import Assets
from pipelines.genai.functions import FUNCTIONS, GUARD, WITHHELD
from pipelines.genai.prompt import SHORT, Prompt
from pipelines.genai.retrieval import Index
from pipelines.genai.tooling import Tool
from pipelines.genai.tracing import Recorder, Span
from pipelines.genai.wiring import misconnected
from pipelines.genai.writer import Reply, Writer
from settings.loading import parse, read_yaml
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import Email, Model

RESOLVED: Mapping[str, Callable[[Assets, str], Prompt | Index | Tool]] = {
    "prompt": Assets.prompt,
    "index": retrieval.read,
    "tool": tooling.read,
}
KINDS = (*RESOLVED, "function")


class Step(Model):
    """One step: exactly one component, and where its inputs come from."""

    prompt: str | None = None
    index: str | None = None
    tool: str | None = None
    function: str | None = None
    inputs: dict[str, str]
    top: PositiveInt = 3

    @model_validator(mode="after")
    def _one_component(self) -> Step:
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError("has not exactly one of prompt, index, tool, function")
        return self

    @property
    def component(self) -> tuple[str, str]:
        """Its kind and its pinned name."""
        return next((kind, getattr(self, kind)) for kind in KINDS if getattr(self, kind))


class Specification(Model):
    """`chains/<name>.yaml`."""

    title: str
    owner: Email
    inputs: list[str]
    steps: dict[str, Step]
    output: str


@dataclass(frozen=True)
class Chain:
    """A chain whose components are resolved."""

    name: str
    it: Specification
    prompts: Mapping[str, Prompt]
    indexes: Mapping[str, Index]
    tools: Mapping[str, Tool] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """The hash of the graph, pins included."""
        return lines.digest(self.it.model_dump(mode="json", exclude={"title", "owner"}, exclude_none=True))

    def run(
        self, inputs: Mapping[str, Any], writer: Writer, *, trace: str, recorded: Mapping[str, Any] | None = None
    ) -> tuple[Any, list[Span]]:
        """The chain's output and one span a step. Steps that are `recorded` are not run: their output is taken."""
        values, recorder = dict(inputs), Recorder(trace)
        for name, step in self.it.steps.items():
            given = {key: values[source.removeprefix("$")] for key, source in step.inputs.items()}
            if recorded and name in recorded:
                values[name] = recorded[name]
                continue
            kind, component = step.component
            with recorder.step(name, component=f"{kind}:{component}", given=given) as span:
                values[name] = span.output = self._do(step, given, writer, span.facts)
        return values[self.it.output.removeprefix("$")], recorder.spans

    def _do(self, step: Step, given: Mapping[str, Any], writer: Writer, facts: dict[str, Any]) -> Any:
        kind, component = step.component
        if kind == "index":
            found = self.indexes[component].search(given["question"], step.top)
            return [{**vars(passage)} for passage in found]
        if kind == "tool":
            return self.tools[component].call(given)
        if kind == "function":
            return FUNCTIONS[component](**given)
        prompt = self.prompts[component]
        reply: Reply = writer.generate(prompt, prompt.render(given))
        facts |= {key: value for key, value in vars(reply).items() if key != "text"}
        return reply.text


def read(assets: Assets, name: str) -> Chain:
    """The chain of a name with all its components.

    Raises InvalidSettings for one that is unpinned or another one, or is not given what it takes.
    """
    it = specification(assets, name)
    found: dict[str, dict[str, Any]] = {kind: {} for kind in RESOLVED}
    problems: list[Problem] = []
    for step_name, step in it.steps.items():
        kind, component = step.component
        place = f"chains/{name}.yaml.steps.{step_name}.{kind}"
        try:
            if kind in RESOLVED:
                found[kind][component] = one = _resolved(assets, kind, component)
                problems += [*_unpinned(place, component, one.version, name), *_pictured(place, one)]
            elif component not in FUNCTIONS:
                problems.append(
                    Problem(place, f"no function '{component}'", suggestion(component, FUNCTIONS, "see functions.py"))
                )
        except InvalidSettings as error:
            problems += error.problems
    problems += misconnected(it, found, f"chains/{name}.yaml")
    problems = problems or list(_refusing(name, it, found["prompt"].values()))
    if problems:
        raise InvalidSettings(problems)
    return Chain(name, it, found["prompt"], found["index"], found["tool"])


def _refusing(name: str, it: Specification, prompts: Iterable[Prompt]) -> Iterator[Problem]:
    """The problem that a prompt refuses in other words than the guard that withholds its answers."""
    if GUARD not in {step.function for step in it.steps.values()}:
        return
    for one in prompts:
        said = one.it.inputs["refusal"].value if "refusal" in one.it.inputs else WITHHELD
        if said != WITHHELD:
            text, way_out = f"'{one.name}' refuses with '{said}'", f"write '{WITHHELD}', as {GUARD} does"
            yield Problem(f"chains/{name}.yaml", text, way_out)


def _resolved(assets: Assets, kind: str, component: str) -> Prompt | Index | Tool:
    """The component as it is now, whatever version is pinned."""
    return RESOLVED[kind](assets, component.partition("@")[0])


def specification(assets: Assets, name: str) -> Specification:
    """The chain's file, its components not looked at."""
    place = f"chains/{name}.yaml"
    it: Specification = parse(TypeAdapter(Specification), read_yaml(assets.path("chains", name), place), place)
    return it


def pinned(assets: Assets, name: str) -> str:
    """The text of a chain's file with every prompt, index and tool pinned to the version that it has now."""
    text = lines.text(assets.path("chains", name), f"chains/{name}.yaml")
    for step in specification(assets, name).steps.values():
        kind, component = step.component
        plain = component.partition("@")[0]
        if kind in RESOLVED:
            version = _resolved(assets, kind, component).version
            text = text.replace(f"{kind}: {component}", f"{kind}: {plain}@{version[:SHORT]}")
    return text


def _unpinned(place: str, component: str, version: str, chain: str) -> Iterator[Problem]:
    plain, _, pin = component.partition("@")
    way_out = f"review the difference, then run 'blueprint prompt pin {chain}'"
    if len(pin) < SHORT:
        yield Problem(place, f"'{plain}' is not pinned to a version", way_out)
    elif not version.startswith(pin):
        yield Problem(place, f"'{plain}' is {version[:SHORT]}, pinned is {pin}", way_out)


def _pictured(place: str, component: Prompt | Index | Tool) -> Iterator[Problem]:
    if isinstance(component, Prompt) and any(it.type == "image" for it in component.it.inputs.values()):
        yield Problem(
            place, f"'{component.name}' reads an image", "a chain carries text: ask it with 'blueprint prompt try'"
        )
