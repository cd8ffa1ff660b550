"""Vertex AI Experiments and TensorBoard: the runs of one model, to be compared."""

from __future__ import annotations

from typing import Any, Protocol

from pipelines.artifacts import Report
from pipelines.place import Place
from pipelines.services.ledger import Ledger

FACTS = ("data", "commit", "verdict", "model")
"""What is kept of a run beside its parameters; Vertex AI has one list for both."""


class Experiments(Protocol):
    """Keeps runs."""

    def log(self, run: str, parameters: Report, metrics: Report, facts: Report, ended: bool = True) -> None:
        """Keeps a run of the team's experiment that has `ended` or goes on; one that is kept again replaces itself."""
        ...

    def end(self, run: str) -> None:
        """A run that went on has come to its end."""
        ...

    def runs(self) -> dict[str, Report]:
        """All runs by name, each with parameters, metrics, facts and whether it has ended."""
        ...


def at(place: Place) -> Experiments:
    return OnLaptop(place) if place.stands_in else OnGoogle(place)


class OnGoogle:
    """Vertex AI; metrics go to the TensorBoard of the project, too."""

    def __init__(self, place: Place) -> None:
        from google.cloud import aiplatform

        self._place, self._sdk = place, aiplatform
        aiplatform.init(project=place.project, location=place.region, encryption_spec_key_name=place.key)

    def log(self, run: str, parameters: Report, metrics: Report, facts: Report, ended: bool = True) -> None:
        self._sdk.init(experiment=self._place.experiment, experiment_tensorboard=self._place.tensorboard)
        self._sdk.start_run(run, resume=run in self.runs())
        self._sdk.log_params(parameters | {key: str(value)[:500] for key, value in facts.items()})
        self._sdk.log_metrics(metrics)
        self._sdk.log_time_series_metrics(metrics)
        self._sdk.end_run(self._state.COMPLETE if ended else self._state.RUNNING)

    def end(self, run: str) -> None:
        self._sdk.ExperimentRun(run, experiment=self._place.experiment).update_state(self._state.COMPLETE)

    def runs(self) -> dict[str, Report]:
        found = self._sdk.ExperimentRun.list(experiment=self._place.experiment)
        return {one.name: self._told(one) for one in found}

    @property
    def _state(self) -> Any:
        return self._sdk.gapic.Execution.State

    def _told(self, one: Any) -> Report:
        kept = one.get_params()
        facts = {name: kept[name] for name in FACTS if name in kept}
        parameters = {key: value for key, value in kept.items() if key not in facts}
        told = {"parameters": parameters, "metrics": one.get_metrics(), "facts": facts}
        return told | {"ended": one.get_state() == self._state.COMPLETE.name}


class OnLaptop:
    """STAND-IN. A file for each run."""

    def __init__(self, place: Place) -> None:
        self._place, self._ledger = place, Ledger(place, f"experiments-{place.experiment}")

    def log(self, run: str, parameters: Report, metrics: Report, facts: Report, ended: bool = True) -> None:
        told = facts | {"tensorboard": self._place.tensorboard}
        self._ledger.put(run, {"parameters": parameters, "metrics": metrics, "facts": told, "ended": ended})

    def end(self, run: str) -> None:
        self._ledger.put(run, (self._ledger.get(run) or {}) | {"ended": True})

    def runs(self) -> dict[str, Report]:
        return {name: self._ledger.get(name) or {} for name in self._ledger.names()}
