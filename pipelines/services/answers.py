"""Cloud Monitoring: how often a deployed model has answered, and how often with an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pipelines.artifacts import Report
from pipelines.place import Place

METRIC = "aiplatform.googleapis.com/prediction/online/response_count"
"""Answers by class of their HTTP status, `2xx` to `5xx`. Source: Google's list of metrics, read 2026-11-26."""


NONE = {"requests": 0, "errors": 0}


def counted(place: Place, deployed: str, since: datetime) -> Report:
    """Requests and errors of a deployed model since a moment.

    Whatever is not answered with 2xx is an error: a version that refuses what the one before it takes has failed, too.
    """
    found = dict(NONE)
    for series in _series(place, deployed, since, datetime.now(UTC)):
        answers = sum(int(point["value"]["int64Value"]) for point in series["points"])
        found["requests"] += answers
        found["errors"] += 0 if series["metric"]["labels"]["response_code"].startswith("2") else answers
    return found


def _series(place: Place, deployed: str, since: datetime, now: datetime) -> Iterator[Any]:
    from google.api_core.exceptions import from_http_response
    from google.auth import default
    from google.auth.transport.requests import AuthorizedSession

    credentials, _ = default(scopes=["https://www.googleapis.com/auth/monitoring.read"])
    session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    wanted = {"metric.type": METRIC, "metric.labels.deployed_model_id": deployed}
    wanted["resource.labels.endpoint_id"] = place.endpoint
    query = {"filter": " AND ".join(f'{key} = "{value}"' for key, value in wanted.items())}
    query |= {"interval.startTime": since.isoformat(), "interval.endTime": now.isoformat()}
    url = f"https://monitoring.googleapis.com/v3/projects/{place.project}/timeSeries"
    while True:
        answer = session.get(url, params=query, timeout=60)
        if not answer.ok:
            raise from_http_response(answer)  # type: ignore[no-untyped-call]
        page = answer.json()
        yield from page.get("timeSeries", [])
        if not page.get("nextPageToken"):
            return
        query["pageToken"] = page["nextPageToken"]
