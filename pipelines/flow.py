"""What a team's pipeline is, apart from where it runs: `flows/<team>/flow.yaml` and the SQL beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt, TypeAdapter

from pipelines.gate import Gate
from settings.explaining import parse
from settings.folder import read_yaml
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import Model

FLOWS = Path(__file__).with_name("flows")
Share = Annotated[float, Field(ge=0, le=1)]


class Column(Model):
    """The contract of a column: type, unit, and what may stand in it."""

    type: Literal["text", "integer", "number", "truth", "date"]
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    values: list[str] | None = None


class Validation(Model):
    """When data is too poor to train on. `leakage`: how well one feature alone may tell the label, as an AUC."""

    minimum_rows: PositiveInt
    maximum_missing: Share
    maximum_duplicates: Share
    leakage: Share
    maximum_shift: float = Field(description="Population stability index of a feature against the champion's data.")


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
    until: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Range(Model):
    """Where a tuned parameter is looked for."""

    minimum: float
    maximum: float
    scale: Literal["linear", "log"] = "linear"


class Tuning(Model):
    """A search over parameters, inside the training set."""

    metric: Literal["log_loss", "auc"]
    goal: Literal["minimize", "maximize"]
    trials: PositiveInt
    parallel: PositiveInt
    search: dict[Literal["strength", "iterations"], Range]


Distance = Annotated[float, Field(gt=0)]


class Limits(Model):
    """Distances of one feature at which people are called."""

    skew: Distance
    drift: Distance


class Monitoring(Model):
    """Distances at which people are called, of every feature or of those with their own; how often it is looked."""

    skew: Distance
    drift: Distance
    features: dict[str, Limits] = {}
    every_hours: PositiveInt
    sample: Annotated[float, Field(gt=0, le=1)]

    def limits(self, feature: str) -> Limits:
        """The limits of a feature."""
        return self.features.get(feature) or Limits(skew=self.skew, drift=self.drift)


class Serving(Model):
    """Online serving: a canary gets `canary_percent` of the traffic for `canary_minutes`."""

    endpoint: str
    machine_type: str
    replicas: Annotated[list[PositiveInt], Field(min_length=2, max_length=2)]
    canary_percent: Annotated[int, Field(ge=1, le=100)]
    canary_minutes: PositiveInt


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
    derived: dict[str, Column] = {}
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
    if lost:
        raise InvalidSettings(lost)
    return flow


def query(name: str, folder: Path = FLOWS) -> str:
    """The SQL that reads a flow's rows from the source project."""
    return (folder / name / "transfer.sql").read_text()
