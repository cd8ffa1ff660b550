"""The clients of Vertex AI, for the region of a place."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pipelines.place import Place

ENDED = ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED", "PAUSED")


def client(place: Place, name: str) -> Any:
    """A client such as `JobServiceClient`."""
    from google.cloud import aiplatform_v1

    kind = getattr(aiplatform_v1, name)
    return kind(client_options={"api_endpoint": f"{place.region}-aiplatform.googleapis.com"})


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
