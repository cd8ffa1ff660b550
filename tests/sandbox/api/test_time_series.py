"""Cloud Monitoring's stand-in: one metric, of what endpoints really answered."""

from __future__ import annotations

import google.auth
import pytest
from google.auth.transport.requests import AuthorizedSession

from sandbox.api.call import Facade
from tests.sandbox.api import conftest

WHEN = {"interval.startTime": "2026-11-26T00:00:00Z", "interval.endTime": "2126-11-26T00:00:00Z"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (WHEN, 200),
        ({}, 400),
        (WHEN | {"interval.endTime": "today"}, 400),
        (WHEN | {"aggregation.perSeriesAligner": "ALIGN_SUM"}, 501),
        (WHEN | {"filter": 'metric.type = starts_with("a"'}, 400),
    ],
)
def test_only_what_is_known_is_answered(cloud: Facade, query: dict[str, str], code: int) -> None:
    service = {
        "project": conftest.PROJECT,
        "service": "monitoring.googleapis.com",
        "id": "p1/monitoring.googleapis.com",
    }
    cloud.store.put("google_project_service", service["id"], service)
    session = AuthorizedSession(google.auth.default()[0])  # type: ignore[no-untyped-call]
    answer = session.get(f"https://monitoring.googleapis.com/v3/projects/{conftest.PROJECT}/timeSeries", params=query)
    assert answer.status_code == code, answer.text
    assert code != 200 or answer.json() == {"timeSeries": []}
