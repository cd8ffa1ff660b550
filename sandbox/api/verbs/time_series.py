"""Cloud Monitoring's time series. STAND-IN: one metric is measured here, what Vertex AI's endpoints answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.api import filters
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, unknown_to_sandbox

Values = dict[str, Any]

ANSWERS = "aiplatform.googleapis.com/prediction/online/response_count"
_KIND = "monitoring:answers"
_MINUTE = timedelta(minutes=1)


def count(call: Call, endpoint: str, deployed: str, code: int) -> None:
    """Remember one answer of a deployed model, under its minute and the class of its HTTP status."""
    name, now = f"{endpoint}/deployedModels/{deployed}", datetime.now(UTC)
    minute, kind = now.replace(second=0, microsecond=0).isoformat(), f"{code // 100}xx"
    with call.resources.writing:
        held = call.store.documents.get(_KIND, name) or {}
        of_kind = held.setdefault(kind, {})
        of_kind[minute] = of_kind.get(minute, 0) + 1
        call.store.documents.put(_KIND, name, held)


def _list(call: Call) -> Values:
    if strange := [name for name in call.query if name.partition(".")[0] in ("aggregation", "secondaryAggregation")]:
        raise unknown_to_sandbox(f"{strange[0]} of time series", "add the points up yourself")
    begin, end = (_moment(call, f"interval.{name}") for name in ("startTime", "endTime"))
    project = call.name.split("/")[1]
    known = [one for one in call.store.documents.find(_KIND) if one[0].split("/")[1] == project]
    found = [_series(name, kind, points) for name, held in known for kind, points in held.items()]
    for series in found:
        series["points"] = [_point(*one) for one in series["points"] if begin < one[0] + _MINUTE and one[0] <= end]
    return {"timeSeries": [one for one in filters.chosen(call.asked("filter"), found) if one["points"]]}


def _series(name: str, kind: str, points: Values) -> Values:
    """One series; its points as (minute, number), the latest first, as Google tells them."""
    _, project, _, location, _, endpoint, _, deployed = name.split("/")
    where = {"resource_container": project, "location": location, "endpoint_id": endpoint}
    return {
        "metric": {"type": ANSWERS, "labels": {"deployed_model_id": deployed, "response_code": kind}},
        "resource": {"type": "aiplatform.googleapis.com/Endpoint", "labels": where},
        "metricKind": "DELTA",
        "valueType": "INT64",
        "points": [(datetime.fromisoformat(minute), points[minute]) for minute in sorted(points, reverse=True)],
    }


def _point(begin: datetime, number: int) -> Values:
    interval = {"startTime": f"{begin:%FT%TZ}", "endTime": f"{begin + _MINUTE:%FT%TZ}"}
    return {"interval": interval, "value": {"int64Value": str(number)}}


def _moment(call: Call, name: str) -> datetime:
    try:
        return datetime.fromisoformat(call.query[name]).astimezone(UTC)
    except (KeyError, ValueError):
        raise ApiError(400, f"Field {name} had an invalid value: write it as 2026-11-26T12:00:00Z.") from None


METHODS = {"monitoring.projects.timeSeries.list": _list}
