"""Vertex AI Experiments and TensorBoard: the runs of one model, to be compared."""

from __future__ import annotations

from typing import Protocol

from pipelines.artifacts import Report
from pipelines.place import Place
from pipelines.services.ledger import Ledger

FACTS = ("data", "commit", "verdict", "model")
"""What is kept of a run beside its parameters; Vertex AI has one list for both."""


class Experiments(Protocol):
    """Keeps runs."""

    def log(self, run: str, parameters: Report, metrics: Report, facts: Report) -> None:
        """Keeps a run of the team's experiment; a run that is kept again replaces itself."""
        ...

    def runs(self) -> dict[str, Report]:
        """All runs by name, each with parameters, metrics and facts."""
        ...


def at(place: Place) -> Experiments:
    return OnLaptop(place) if place.laptop else OnGoogle(place)


class OnGoogle:
    """Vertex AI; metrics go to the TensorBoard of the project, too."""

    def __init__(self, place: Place) -> None:
        from google.cloud import aiplatform

        self._place, self._sdk = place, aiplatform
        aiplatform.init(
            project=place.project,
            location=place.region,
            experiment=place.experiment,
            experiment_tensorboard=place.tensorboard,
            encryption_spec_key_name=place.key,
        )

    def log(self, run: str, parameters: Report, metrics: Report, facts: Report) -> None:
        with self._sdk.start_run(run, resume=run in self.runs()):
            self._sdk.log_params(parameters | {key: str(value)[:500] for key, value in facts.items()})
            self._sdk.log_metrics(metrics)
            self._sdk.log_time_series_metrics(metrics)

    def runs(self) -> dict[str, Report]:
        found = self._sdk.ExperimentRun.list(experiment=self._place.experiment)
        return {one.name: _told(one.get_params(), one.get_metrics()) for one in found}


def _told(kept: Report, metrics: Report) -> Report:
    facts = {name: kept[name] for name in FACTS if name in kept}
    return {"parameters": {k: v for k, v in kept.items() if k not in facts}, "metrics": metrics, "facts": facts}


class OnLaptop:
    """STAND-IN. A file for each run."""

    def __init__(self, place: Place) -> None:
        self._place, self._ledger = place, Ledger(place, f"experiments-{place.experiment}")

    def log(self, run: str, parameters: Report, metrics: Report, facts: Report) -> None:
        told = facts | {"tensorboard": self._place.tensorboard}
        self._ledger.put(run, {"parameters": parameters, "metrics": metrics, "facts": told})

    def runs(self) -> dict[str, Report]:
        return {name: self._ledger.get(name) or {} for name in self._ledger.names()}
