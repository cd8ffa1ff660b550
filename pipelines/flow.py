"""What a team's pipeline is, apart from where it runs: `flows/<team>/flow.yaml` and the SQL beside it."""

from __future__ import annotations

import ast
from datetime import date
from math import ceil
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PositiveInt, TypeAdapter, model_validator

from pipelines.gate import Comparison, Gate
from pipelines.served import FLOWS
from settings.explaining import parse
from settings.folder import read_yaml
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import Model

FAILED = "failed requests"
Share = Annotated[float, Field(ge=0, le=1)]


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _ordered(numbers: list[Any]) -> list[Any]:
    if numbers != sorted(numbers):
        raise ValueError(f"{numbers[0]} is more than {numbers[1]}; write the smaller first")
    return numbers


class Column(Model):
    """The contract of a column: type, unit, and what may stand in it."""

    type: Literal["text", "integer", "number", "truth", "date"]
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    values: list[str] | None = None


class Derived(Column):
    """A column that is computed from features by a formula, as `DataFrame.eval` reads it."""

    formula: str

    def wrong(self, features: list[str]) -> str:
        """What is wrong with the formula; empty where nothing is."""
        try:
            tree = ast.parse(self.formula, mode="eval")
        except SyntaxError as error:
            return f"formula '{self.formula}' cannot be read ({error.msg})"
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        return ", ".join(f"formula names '{name}', which is no feature" for name in sorted(names - set(features)))


class Validation(Model):
    """When data is too poor to train on. `leakage`: how well one feature alone may tell the label, as an AUC."""

    minimum_rows: PositiveInt
    maximum_missing: Share
    maximum_duplicates: Share
    leakage: Share
    maximum_shift: float = Field(description="Distance of a feature from the champion's data, as in monitoring.")


class Split(Model):
    """How rows are divided: by a hash of a column, or by time, the latest rows held out."""

    by: Literal["hash", "time"]
    column: str
    holdout: Annotated[float, Field(gt=0, lt=1)]


class Parameters(Model):
    """What a data scientist may choose for a run."""

    seed: int
    technique: Literal["logistic", "boosting"]
    strength: Annotated[float, Field(gt=0)]
    iterations: PositiveInt
    until: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_day)]


class Range(Model):
    """Where a tuned parameter is looked for."""

    minimum: float
    maximum: float
    scale: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _of_numbers(self) -> Self:
        _ordered([self.minimum, self.maximum])
        if self.scale == "log" and self.minimum <= 0:
            raise ValueError("a logarithmic scale begins above 0; raise the minimum")
        return self


class Tuning(Model):
    """A search over parameters, inside the training set."""

    metric: Literal["log_loss", "auc"]
    trials: PositiveInt
    parallel: PositiveInt
    search: dict[Literal["strength", "iterations"], Range]

    @property
    def goal(self) -> Literal["minimize", "maximize"]:
        """Which values of the metric are better."""
        return "maximize" if self.metric == "auc" else "minimize"


Distance = Annotated[float, Field(gt=0, lt=1)]


class Limits(Model):
    """Distances of one feature at which people are called."""

    skew: Distance
    drift: Distance


class Monitoring(Model):
    """Distances (0 to 1) at which people are called, of all features or those with their own; how often it is looked.

    A champion that has moved is trained anew, and for `train_anew_after_days` not once more.
    """

    skew: Distance
    drift: Distance
    features: dict[str, Limits] = {}
    every_hours: PositiveInt
    train_anew_after_days: PositiveInt
    sample: Annotated[float, Field(gt=0, le=1)]

    def limits(self, feature: str) -> Limits:
        """The limits of a feature."""
        return self.features.get(feature) or Limits(skew=self.skew, drift=self.drift)


class Canary(Model):
    """A new version on trial: its share of the traffic, how long at least and at most, and how often it is looked at.

    It may fail `margin` more often than the champion does meanwhile; with fewer than `minimum_requests` of either
    nothing is concluded. `error` is the share of wrong conclusions that is put up with, over all looks together.
    """

    percent: Annotated[int, Field(ge=1, le=99)]
    minutes: PositiveInt
    at_most_minutes: PositiveInt
    look_every_minutes: Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30] = Field(
        description="Divides an hour: cron would leave a shorter step at its end."
    )
    margin: Share
    minimum_requests: PositiveInt
    error: Annotated[float, Field(gt=0, lt=0.5)]

    @model_validator(mode="after")
    def _long_enough(self) -> Self:
        _ordered([self.minutes, self.at_most_minutes])
        return self

    @property
    def looks(self) -> int:
        """How often the schedule looks at most: before the time is over, and once after."""
        return ceil(self.at_most_minutes / self.look_every_minutes) + 1

    @property
    def gate(self) -> Gate:
        """What it is held to at each look."""
        one = Comparison(
            metric=FAILED, goal="minimize", show="not_worse", margin=self.margin, minimum_items=self.minimum_requests
        )
        return Gate(comparisons=[one], error=self.error / self.looks)


class Serving(Model):
    """Online serving, and how a new version is tried."""

    endpoint: str
    machine_type: str
    replicas: Annotated[list[PositiveInt], Field(min_length=2, max_length=2), AfterValidator(_ordered)]
    canary: Canary


class Jobs(Model):
    """What a step runs on."""

    machine_type: str
    timeout_minutes: PositiveInt


class Flow(Model):
    """A team's pipeline."""

    title: str
    source: str
    tables: list[str]
    entity: str
    time: str
    label: str
    columns: dict[str, Column]
    features: list[str]
    derived: dict[str, Derived] = {}
    validation: Validation
    split: Split
    slices: dict[str, list[str]] = {}
    parameters: Parameters
    tuning: Tuning
    gate: Gate
    monitoring: Monitoring
    serving: Serving
    jobs: Jobs

    @property
    def inputs(self) -> list[str]:
        """What the model sees."""
        return [*self.features, *self.derived]

    @property
    def contract(self) -> dict[str, Column]:
        """Every column of prepared data."""
        return self.columns | self.derived

    def chosen(self, parameters: dict[str, Any], place: str = "parameters") -> Flow:
        """The same flow with other parameters; InvalidSettings where one is unknown or of the wrong kind."""
        known = Parameters.model_fields
        wrong = [
            Problem(place, f"unknown parameter '{key}'", suggestion(key, known, f"there are {', '.join(known)}"))
            for key in parameters
            if key not in known
        ]
        if wrong:
            raise InvalidSettings(wrong)
        merged = self.parameters.model_dump() | parameters
        return self.model_copy(update={"parameters": parse(TypeAdapter(Parameters), merged, place)})


def read_flow(name: str, folder: Path = FLOWS) -> Flow:
    """The flow of a team; InvalidSettings where there is none or it cannot be used."""
    known = sorted(path.parent.name for path in folder.glob("*/flow.yaml"))
    if name not in known:
        way_out = suggestion(name, known, f"there are {', '.join(known) or 'none'}")
        raise InvalidSettings([Problem("pipelines/flows", f"no pipeline is called '{name}'", way_out)])
    place = f"pipelines/flows/{name}/flow.yaml"
    flow: Flow = parse(TypeAdapter(Flow), read_yaml(folder / name / "flow.yaml", place), place)
    watched = set(flow.monitoring.features) - set(flow.derived)
    wanted = {*watched, flow.entity, flow.time, flow.label, flow.split.column, *flow.features, *flow.slices}
    lost = [
        Problem(place, f"'{column}' is not among the columns", suggestion(column, flow.columns, "add it to columns"))
        for column in wanted
        if column not in flow.columns
    ]
    lost += [
        Problem(f"{place}.derived.{name}", wrong, f"use {', '.join(flow.features)}")
        for name, column in flow.derived.items()
        if (wrong := column.wrong(flow.features))
    ]
    if lost:
        raise InvalidSettings(lost)
    return flow


def query(name: str, folder: Path = FLOWS) -> str:
    """The SQL that reads a flow's rows from the source project."""
    return (folder / name / "transfer.sql").read_text()
