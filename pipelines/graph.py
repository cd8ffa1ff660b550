"""The pipeline's graph: the steps in order; what each takes and makes is read from its own types, once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, get_type_hints

import pandas as pd

from pipelines.artifacts import Fitted, Report

STEPS = (
    "transfer",
    "transform",
    "validate",
    "split",
    "write_features",
    "read_features",
    "tune",
    "train",
    "evaluate",
    "decide",
    "track",
    "register",
    "batch_predict",
    "deploy",
    "monitor",
)
PIPELINES = {
    "operational": STEPS,
    "promotion": ("promote",),
    "canary": ("conclude",),
    "retirement": ("retire",),
    "rollback": ("roll_back",),
}
"""What a team has: pipelines that make a model, bring one to production, conclude its trial there, take one out of
use, and go back to one."""
FEATURES = ("write_features", "read_features")
"""Only where the team has a Feature Store."""
AFTER_GATE = ("register", "batch_predict", "deploy", "monitor")
"""Only where the gate has said PASS."""
JOBS = ("train",)
"""Run as a custom job of their own."""
STANDS_IN = {"training": "featured"}
"""What is read from the Feature Store takes the place of what was written to it, for training and after."""
KINDS: dict[Any, str] = {pd.DataFrame: "frame", Report: "report", Fitted: "model"}
SUFFIX = {"frame": "parquet", "report": "json", "model": "pickle"}


@dataclass(frozen=True)
class Source:
    """Where an input comes from."""

    step: str
    output: str
    kind: str


@dataclass(frozen=True)
class Step:
    """One step: its inputs by name, with their sources, and its outputs by name, with their kinds."""

    name: str
    inputs: dict[str, Source]
    outputs: dict[str, str]

    @property
    def after_gate(self) -> bool:
        return self.name in AFTER_GATE

    @property
    def run(self) -> Callable[..., Any]:
        """The function itself."""
        return function(self.name)

    @property
    def before(self) -> list[str]:
        """The steps that have to be done before, in order."""
        return [name for name in STEPS if name in {source.step for source in self.inputs.values()}]


def function(name: str) -> Callable[..., Any]:
    """The function of a step."""
    found: Callable[..., Any] = import_module(f"pipelines.steps.{name}").run
    return found


def parameters(name: str) -> dict[str, Any]:
    """The types of a step's parameters."""
    hints = get_type_hints(function(name))
    return {key: hints[key] for key in inspect.signature(function(name)).parameters}


def graph(*, features: bool, pipeline: str = "operational") -> list[Step]:
    """The steps in the order in which they can run; with the Feature Store or without."""
    made: dict[str, Source] = {}
    steps = []
    for name in PIPELINES[pipeline]:
        if name in FEATURES and not features:
            continue
        wanted = [key for key, type_ in parameters(name).items() if type_ in KINDS]
        inputs = {key: _source(made, name, key) for key in wanted}
        outputs = {key: KINDS[type_] for key, type_ in get_type_hints(get_type_hints(function(name))["return"]).items()}
        made |= {key: Source(name, key, kind) for key, kind in outputs.items()}
        steps.append(Step(name, inputs, outputs))
    return steps


def by_itself(steps: Iterable[str]) -> bool:
    """Whether nobody starts such a pipeline but a schedule, each time under a name of its own."""
    return tuple(steps) == PIPELINES["canary"]


def _source(made: dict[str, Source], step: str, key: str) -> Source:
    stand_in = STANDS_IN.get(key, key)
    chosen = stand_in if stand_in in made and step not in FEATURES else key
    if chosen not in made:
        raise LookupError(f"step '{step}' takes '{key}', which no step before it makes")
    return made[chosen]
