"""Vertex AI Model Monitoring: skew against the training set and drift over time, feature by feature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pandas as pd

from pipelines.artifacts import Report, save, write_whole
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services.endpoints import version_of
from pipelines.services.ledger import Ledger


class Monitor(Protocol):
    """Watches the endpoint."""

    def watch(self, version: str, run: str, training: pd.DataFrame) -> str:
        """Watches a version from now on, in place of the one before, against what it was trained on; the job's name."""
        ...

    def before(self, rows: pd.DataFrame) -> pd.DataFrame | None:
        """The rows that were looked at last, in whose place these go; None where none are kept here."""
        ...

    def alert(self, version: str, moved: Mapping[str, float]) -> None:
        """Raises one alert for a version, with the features that have moved."""
        ...


def at(place: Place, flow: Flow) -> Monitor:
    return OnLaptop(place, flow) if place.laptop else OnGoogle(place, flow)


def request(place: Place, flow: Flow, version: str, training_uri: str) -> Report:
    """The monitoring job of the endpoint: every feature, both distances, the training set of the version, a person."""
    rules = flow.monitoring
    skew = {name: {"value": rules.limits(name).skew} for name in flow.inputs}
    drift = {name: {"value": rules.limits(name).drift} for name in flow.inputs}
    objective = {
        "training_dataset": {
            "gcs_source": {"uris": [training_uri]},
            "data_format": "csv",
            "target_field": flow.label,
        },
        "training_prediction_skew_detection_config": {"skew_thresholds": skew},
        "prediction_drift_detection_config": {"drift_thresholds": drift},
    }
    return {
        "display_name": f"{place.team}-monitoring",
        "endpoint": f"{place.parent}/endpoints/{place.endpoint}",
        "labels": place.labels | {"version": version},
        "encryption_spec": place.encryption,
        "logging_sampling_strategy": {"random_sample_config": {"sample_rate": rules.sample}},
        "model_deployment_monitoring_schedule_config": {"monitor_interval": {"seconds": 3600 * rules.every_hours}},
        "model_deployment_monitoring_objective_configs": [
            {"deployed_model_id": version, "objective_config": objective}
        ],
        "model_monitoring_alert_config": {
            "email_alert_config": {"user_emails": [place.contact]},
            "enable_logging": True,
        },
    }


def kept(place: Place, run: str, training: pd.DataFrame) -> str:
    """The address of the training set in the form that monitoring reads."""
    uri = place.uri(run, "monitor", "training.csv")
    write_whole(place.file(uri), lambda to: training.to_csv(to, index=False))
    return uri


class OnGoogle:
    """Vertex AI."""

    def __init__(self, place: Place, flow: Flow) -> None:
        from pipelines.services.vertex_api import client

        self._place, self._flow, self._jobs = place, flow, client(place, "JobServiceClient")
        self._endpoints = client(place, "EndpointServiceClient")

    def watch(self, version: str, run: str, training: pd.DataFrame) -> str:
        asked = request(self._place, self._flow, version, kept(self._place, run, training))
        deployed = self._endpoints.get_endpoint(name=asked["endpoint"]).deployed_models
        ids = {version_of(one): one.id for one in deployed}
        asked["model_deployment_monitoring_objective_configs"][0]["deployed_model_id"] = ids[version]
        known = self._jobs.list_model_deployment_monitoring_jobs(parent=self._place.parent)
        before = next((one.name for one in known if one.display_name == asked["display_name"]), None)
        if before:
            paths = ["model_deployment_monitoring_objective_configs", "labels"]
            job = asked | {"name": before}
            self._jobs.update_model_deployment_monitoring_job(
                model_deployment_monitoring_job=job, update_mask={"paths": paths}
            ).result()
            return str(before)
        made = self._jobs.create_model_deployment_monitoring_job(
            parent=self._place.parent, model_deployment_monitoring_job=asked
        )
        return str(made.name)

    def before(self, rows: pd.DataFrame) -> pd.DataFrame | None:
        """Google's job compares with the window before by itself."""
        return None

    def alert(self, version: str, moved: Mapping[str, float]) -> None:
        """A log entry; the alert policy of the environment counts them."""
        import json
        import sys

        entry = {"severity": "ERROR", "message": "feature drift", "model": self._place.team, "version": version}
        print(json.dumps(entry | {"features": dict(moved)}), file=sys.stderr)


class OnLaptop:
    """STAND-IN. Keeps the request, and alerts as files."""

    def __init__(self, place: Place, flow: Flow) -> None:
        self._place, self._flow, self._ledger = place, flow, Ledger(place, "monitoring")
        self._alerts = Ledger(place, "alerts")

    def watch(self, version: str, run: str, training: pd.DataFrame) -> str:
        asked = request(self._place, self._flow, version, kept(self._place, run, training))
        self._ledger.put(asked["display_name"], asked)
        return str(asked["display_name"])

    def before(self, rows: pd.DataFrame) -> pd.DataFrame | None:
        file = self._ledger.folder / f"{self._place.team}-seen.parquet"
        found = pd.read_parquet(file) if file.exists() else None
        save(rows, file)
        return found

    def alert(self, version: str, moved: Mapping[str, float]) -> None:
        facts = {"model": self._place.team, "version": version, "features": dict(moved), "to": self._place.contact}
        self._alerts.put(f"{self._place.team}-{version}", facts)
