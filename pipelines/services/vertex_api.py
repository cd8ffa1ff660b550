"""The clients of Vertex AI, for the region of a place."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pipelines.artifacts import Report
from pipelines.place import Place

ENDED = ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED", "PAUSED")
GOING = ("QUEUED", "PENDING", "RUNNING")


def client(place: Place, name: str) -> Any:
    """A client such as `JobServiceClient`."""
    from google.cloud import aiplatform_v1

    kind = getattr(aiplatform_v1, name)
    return kind(client_options={"api_endpoint": f"{place.region}-aiplatform.googleapis.com"})


def started(jobs: Any, place: Place, kind: str, asked: Report) -> str:
    """The name of the job that is asked for: the newest of its title that is going on, or else a new one.

    Whoever waited for it may have been killed, and asks again; the title names the run and the step.
    """
    wanted = {"parent": place.parent, "filter": f'display_name="{asked["display_name"]}"'}
    known = [one for one in getattr(jobs, f"list_{kind}s")(request=wanted) if one.state.name.endswith(GOING)]
    if known:
        return str(max(known, key=lambda one: one.create_time).name)
    return str(getattr(jobs, f"create_{kind}")(request={"parent": place.parent, kind: asked}).name)


def until(ask: Callable[[], Any], ended: Callable[[Any], bool], longest: float = 30) -> Any:
    """The resource once its work has ended."""
    begin = time.monotonic()
    while not ended(found := ask()):
        time.sleep(min(longest, 0.1 + (time.monotonic() - begin) / 10))
    return found


def wait(ask: Callable[[], Any]) -> Any:
    """The resource once its work has ended; RuntimeError with Google's words where it did not succeed."""
    found = until(ask, lambda one: bool(one.state.name.endswith(ENDED)))
    if not found.state.name.endswith("SUCCEEDED"):
        raise RuntimeError(f"{found.name}: {found.state.name}: {found.error.message}")
    return found
