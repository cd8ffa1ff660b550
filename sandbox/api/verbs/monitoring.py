"""Vertex AI Model Monitoring. STAND-IN: what has moved is computed when somebody asks, from sampled requests.

Google looks by its schedule and keeps each look; here there is no clock, and the only look is the one of this moment,
over the last interval of the schedule. Its `statsUri` says so, and on how much it rests.
"""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import iam
from sandbox.api import generic
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, unknown_to_sandbox
from sandbox.api.verbs import request_log
from sandbox.api.verbs.distributions import deviation

Values = dict[str, Any]


def _change(call: Call) -> Values:
    """The client libraries do not tell the type of what is changed with the method."""
    with call.resources.writing:
        generic.change(call)
        job = generic.shown(call, call.name, call.method.request)
    return call.operation(job, "google.cloud.aiplatform.v1.ModelDeploymentMonitoringJob")


def _search(call: Call) -> Values:
    """For each objective how far each feature of a deployed model has moved, beside the job's own thresholds."""
    job, deployed = call.get(), str(call.body["deployedModelId"])
    known = {one["deployedModelId"]: one["objectiveConfig"] for one in job["modelDeploymentMonitoringObjectiveConfigs"]}
    if deployed not in known:
        raise ApiError(400, f"{call.name} does not monitor the deployed model {deployed}.")
    now, interval, endpoint = datetime.now(UTC), _interval(job), call.resources.plain(job["endpoint"])
    latest, earlier = (
        list(request_log.asked(call, endpoint, deployed, now - ago * interval, interval)) for ago in (1, 2)
    )
    found = []
    for objective in call.body["objectives"]:
        kind = str(objective.get("type"))
        thresholds, before = _compared(call, kind, known[deployed], earlier)
        rows = latest if _wanted(call, now) else []
        stats = [_feature(name, it, before, rows, now, interval) for name, it in sorted(thresholds.items())]
        chosen = [one for one in stats if call.body.get("featureDisplayName") in (None, one["featureDisplayName"])]
        about = {"objective": kind, "deployedModelId": deployed, "anomalyCount": sum(map(_far, chosen))}
        found.append(about | {"featureStats": chosen})
    return {"monitoringStats": found}


def _compared(call: Call, kind: str, config: Values, earlier: list[Values]) -> tuple[Values, list[Values]]:
    """The thresholds of an objective, and the rows with which it compares."""
    if kind == "RAW_FEATURE_SKEW":
        thresholds = (config.get("trainingPredictionSkewDetectionConfig") or {}).get("skewThresholds") or {}
        return thresholds, _training(call, config.get("trainingDataset") or {}) if thresholds else []
    if kind == "RAW_FEATURE_DRIFT":
        return (config.get("predictionDriftDetectionConfig") or {}).get("driftThresholds") or {}, earlier
    raise unknown_to_sandbox(f"the objective {kind}", "ask for RAW_FEATURE_SKEW or RAW_FEATURE_DRIFT")


def _feature(
    name: str, threshold: Values, before: list[Values], rows: list[Values], now: datetime, interval: timedelta
) -> Values:
    """One feature; without stats where it was asked of nobody, or there is nothing to compare with."""
    old, new = ([row[name] for row in some if name in row] for some in (before, rows))
    out: Values = {"featureDisplayName": name, "threshold": threshold, "predictionStats": []}
    if old and new:
        stats = {
            "statsUri": f"SANDBOX: computed when asked, from {len(new)} sampled instances",
            "distributionDeviation": deviation(old, new),
            "anomalyDetectionThreshold": threshold["value"],
            "startTime": (now - interval).isoformat(),
            "endTime": now.isoformat(),
        }
        out["predictionStats"].append(stats)
    return out


def _far(feature: Values) -> bool:
    return any(one["distributionDeviation"] > one["anomalyDetectionThreshold"] for one in feature["predictionStats"])


def _wanted(call: Call, now: datetime) -> bool:
    """Whether the look of this moment is among those that are asked for."""
    begin, end = (datetime.fromisoformat(call.body.get(key) or now.isoformat()) for key in ("startTime", "endTime"))
    return begin <= now <= end


def _interval(job: Values) -> timedelta:
    given = (job.get("modelDeploymentMonitoringScheduleConfig") or {}).get("monitorInterval") or "86400s"
    return timedelta(seconds=float(given.removesuffix("s")))


def _training(call: Call, dataset: Values) -> list[Values]:
    """The rows that the model was trained on, read as Vertex AI's agent of the project."""
    if dataset.get("dataFormat") != "csv":
        raise unknown_to_sandbox("this training dataset", "give it as CSV files of Cloud Storage")
    number = call.store.number("project", call.name.split("/")[1])
    agent = f"serviceAccount:service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
    rows: list[Values] = []
    for uri in (dataset.get("gcsSource") or {}).get("uris") or []:
        bucket, _, name = str(uri).removeprefix("gs://").partition("/")
        held, about = call.store.objects.get(bucket, name), f"projects/_/buckets/{bucket}/objects/{name}"
        needed = "storage.objects.get"
        if held is None or not iam.decide(call.store, agent, needed, f"//storage.googleapis.com/{about}").allowed:
            text = f"The training dataset {uri} cannot be read: it is not there, or {agent} lacks {needed}."
            raise ApiError(400, text, "FAILED_PRECONDITION")
        rows += csv.DictReader(io.StringIO(held.data.decode()))
    return rows


_JOBS = "aiplatform.projects.locations.modelDeploymentMonitoringJobs."
METHODS = {
    f"{_JOBS}patch": _change,
    f"{_JOBS}searchModelDeploymentMonitoringStatsAnomalies": _search,
}
