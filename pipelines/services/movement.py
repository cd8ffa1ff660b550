"""What Vertex AI Model Monitoring has found about a version that serves: how far each feature has moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services.endpoints import version_of
from pipelines.services.monitoring import job_of

KINDS = {"RAW_FEATURE_SKEW": "skew", "RAW_FEATURE_DRIFT": "drift"}


@dataclass(frozen=True)
class Measured:
    """The newest look at one feature: how far it is from the training set, or from the interval before."""

    feature: str
    kind: str
    distance: float
    threshold: float

    @property
    def moved(self) -> bool:
        return self.distance > self.threshold

    def __str__(self) -> str:
        return f"{self.feature}: {self.kind} {self.distance:.3f}, threshold {self.threshold:g}"


def measured(place: Place, flow: Flow, version: str) -> list[Measured] | None:
    """The newest look at each feature that was looked at in the last two intervals; None where nothing watches."""
    from pipelines.services.vertex_api import client

    jobs, endpoints = client(place, "JobServiceClient"), client(place, "EndpointServiceClient")
    endpoint = endpoints.get_endpoint(name=f"{place.parent}/endpoints/{place.endpoint}")
    deployed = next((one.id for one in endpoint.deployed_models if version_of(one) == version), None)
    job = job_of(place, jobs)
    configs = job.model_deployment_monitoring_objective_configs if job else []
    if deployed not in [one.deployed_model_id for one in configs]:
        return None
    asked = {
        "model_deployment_monitoring_job": job.name,
        "deployed_model_id": deployed,
        "objectives": [{"type_": kind} for kind in KINDS],
        "start_time": datetime.now(UTC) - timedelta(hours=2 * flow.monitoring.every_hours),
    }
    newest: dict[tuple[str, str], Any] = {}
    for found in jobs.search_model_deployment_monitoring_stats_anomalies(request=asked):
        for feature in found.feature_stats:
            for stats in feature.prediction_stats:
                key = feature.feature_display_name, KINDS[found.objective.name]
                if key not in newest or newest[key].end_time < stats.end_time:
                    newest[key] = stats
    return [
        Measured(*key, it.distribution_deviation, it.anomaly_detection_threshold) for key, it in sorted(newest.items())
    ]
