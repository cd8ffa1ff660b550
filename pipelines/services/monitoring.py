"""Vertex AI Model Monitoring: skew against the training set and drift over time, feature by feature.

A version's training set is kept under its number, so that a version to which one goes back is watched again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from pipelines.artifacts import Report, save, write_whole
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.release import Refused
from pipelines.services import endpoints
from pipelines.services.endpoints import version_of
from pipelines.services.ledger import Ledger
from settings.problems import Problem

OBJECTIVES = "model_deployment_monitoring_objective_configs"
"""One for each version that answers: a trial leaves the champion watched, however it ends."""


class Monitor(Protocol):
    """Watches the endpoint."""

    def watch(self, version: str, training: pd.DataFrame) -> str:
        """Watches a version from now on, against its training set, beside who else answers; the job's name."""
        ...

    def again(self, version: str) -> str | None:
        """Watches a version that was watched before; None where its training set is not kept."""
        ...

    def before(self, run: str, rows: pd.DataFrame) -> pd.DataFrame | None:
        """The rows of the run that was looked at before this one, whose own are kept for the next; None without one."""
        ...

    def alert(self, version: str, moved: Mapping[str, float]) -> None:
        """Raises one alert for a version, with the features that have moved."""
        ...


def at(place: Place, flow: Flow) -> Monitor:
    return OnLaptop(place, flow) if place.stands_in else OnGoogle(place, flow)


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
        "display_name": _named(place),
        "endpoint": f"{place.parent}/endpoints/{place.endpoint}",
        "labels": place.labels | {"version": version},
        "encryption_spec": place.encryption,
        "logging_sampling_strategy": {"random_sample_config": {"sample_rate": rules.sample}},
        "model_deployment_monitoring_schedule_config": {"monitor_interval": {"seconds": 3600 * rules.every_hours}},
        OBJECTIVES: [{"deployed_model_id": version, "objective_config": objective}],
        "model_monitoring_alert_config": {
            "email_alert_config": {"user_emails": [place.contact]},
            "enable_logging": True,
        },
    }


def training_of(place: Place, version: str) -> str:
    """The address of a version's training set in the form that monitoring reads."""
    return f"gs://{place.bucket}/monitoring/{version}/training.csv"


def job_of(place: Place, jobs: Any) -> Any:
    """The one job that watches the team's endpoint; None before the first version is watched."""
    known = jobs.list_model_deployment_monitoring_jobs(parent=place.parent)
    return next((one for one in known if one.display_name == _named(place)), None)


def _named(place: Place) -> str:
    return f"{place.team}-monitoring"


class OnGoogle:
    """Vertex AI. Its own agent reads the training set, so that goes where it looks: to the bucket."""

    def __init__(self, place: Place, flow: Flow) -> None:
        from google.cloud.storage import Client

        from pipelines.services.vertex_api import client

        self._place, self._flow, self._jobs = place, flow, client(place, "JobServiceClient")
        self._endpoints = client(place, "EndpointServiceClient")
        self._bucket = Client(project=place.project).bucket(place.bucket)

    def watch(self, version: str, training: pd.DataFrame) -> str:
        self._kept(version).upload_from_string(training.to_csv(index=False), content_type="text/csv")
        return self._watched(version)

    def again(self, version: str) -> str | None:
        return self._watched(version) if self._kept(version).exists() else None

    def _kept(self, version: str) -> Any:
        return self._bucket.blob(training_of(self._place, version).removeprefix(f"gs://{self._place.bucket}/"))

    def _watched(self, version: str) -> str:
        from google.cloud.aiplatform_v1 import ModelDeploymentMonitoringJob

        asked = request(self._place, self._flow, version, training_of(self._place, version))
        endpoint = self._endpoints.get_endpoint(name=asked["endpoint"])
        ids = {version_of(one): one.id for one in endpoint.deployed_models if endpoint.traffic_split.get(one.id)}
        if version not in ids:
            raise Refused([Problem("monitoring", f"version {version} answers nobody any more", "look again")])
        job = ModelDeploymentMonitoringJob(asked)
        configs = getattr(job, OBJECTIVES)
        configs[0].deployed_model_id = ids.pop(version)
        before = job_of(self._place, self._jobs)
        if before is None:
            made = self._jobs.create_model_deployment_monitoring_job(
                parent=self._place.parent, model_deployment_monitoring_job=job
            )
            return str(made.name)
        configs.extend(one for one in getattr(before, OBJECTIVES) if one.deployed_model_id in ids.values())
        job.name = before.name
        self._jobs.update_model_deployment_monitoring_job(
            model_deployment_monitoring_job=job, update_mask={"paths": [OBJECTIVES, "labels"]}
        ).result(timeout=None)
        return str(before.name)

    def before(self, run: str, rows: pd.DataFrame) -> pd.DataFrame | None:
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

    def watch(self, version: str, training: pd.DataFrame) -> str:
        write_whole(self._kept(version), lambda to: training.to_csv(to, index=False))
        return self._watched(version)

    def again(self, version: str) -> str | None:
        return self._watched(version) if self._kept(version).exists() else None

    def _kept(self, version: str) -> Path:
        return self._place.file(training_of(self._place, version))

    def _watched(self, version: str) -> str:
        asked, key = request(self._place, self._flow, version, training_of(self._place, version)), OBJECTIVES
        serving = set(endpoints.OnLaptop(self._place, self._flow).traffic()) - {version}
        known = (self._ledger.get(asked["display_name"]) or {key: []})[key]
        asked[key] += [one for one in known if one["deployed_model_id"] in serving]
        self._ledger.put(asked["display_name"], asked)
        return str(asked["display_name"])

    def before(self, run: str, rows: pd.DataFrame) -> pd.DataFrame | None:
        own = self._ledger.folder / f"{self._place.team}-seen" / f"{run}.parquet"
        # Danger: who is killed after this looks again, and would see no drift from what is their own.
        others = sorted(set(own.parent.glob("[!.]*.parquet")) - {own}, key=lambda file: file.stat().st_mtime_ns)
        for old in others[:-1]:
            old.unlink()
        save(rows, own)
        return pd.read_parquet(others[-1]) if others else None

    def alert(self, version: str, moved: Mapping[str, float]) -> None:
        facts = {"model": self._place.team, "version": version, "features": dict(moved), "to": self._place.contact}
        self._alerts.put(f"{self._place.team}-{version}", facts)
