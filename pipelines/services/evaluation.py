"""Vertex AI evaluation: what a version scored on the validation set, kept with the version."""

from __future__ import annotations

from typing import Protocol

from pipelines.artifacts import Report
from pipelines.place import Place
from pipelines.services.ledger import Ledger

SCHEMA = "gs://google-cloud-aiplatform/schema/modelevaluation/classification_metrics_1.0.0.yaml"


class Evaluations(Protocol):
    """Keeps evaluations."""

    def attach(self, version: str, evaluation: Report, validation_uri: str) -> None:
        """Keeps an evaluation with a model version; once, however often it is called."""
        ...


def at(place: Place) -> Evaluations:
    return OnLaptop(place) if place.stands_in else OnGoogle(place)


def request(place: Place, version: str, evaluation: Report, validation_uri: str) -> Report:
    """The evaluation to import; it names the validation set."""
    metrics = evaluation["metrics"]
    return {
        "display_name": f"{place.team}-{version}",
        "metrics_schema_uri": SCHEMA,
        "metrics": {"auRoc": metrics["auc"], "logLoss": metrics["log_loss"]},
        "slice_dimensions": ["annotationSpec"],
        "metadata": {
            "evaluation_dataset_type": "gcs",
            "evaluation_dataset_path": [validation_uri],
            "evaluation_dataset_digest": evaluation["validation_set"]["digest"],
            "reference": evaluation["reference"]["name"],
            "slices": evaluation["slices"],
        },
    }


class OnGoogle:
    """Vertex AI."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def attach(self, version: str, evaluation: Report, validation_uri: str) -> None:
        from pipelines.services.vertex_api import client

        asked = request(self._place, version, evaluation, validation_uri)
        parent, models = (
            f"{self._place.parent}/models/{self._place.team}@{version}",
            client(self._place, "ModelServiceClient"),
        )
        if all(one.display_name != asked["display_name"] for one in models.list_model_evaluations(parent=parent)):
            models.import_model_evaluation(parent=parent, model_evaluation=asked)


class OnLaptop:
    """STAND-IN. Keeps the request."""

    def __init__(self, place: Place) -> None:
        self._place, self._ledger = place, Ledger(place, "evaluations")

    def attach(self, version: str, evaluation: Report, validation_uri: str) -> None:
        asked = request(self._place, version, evaluation, validation_uri)
        self._ledger.put(asked["display_name"], asked)
