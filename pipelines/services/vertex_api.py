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


def wait(ask: Callable[[], Any], longest: float = 30) -> Any:
    """The resource once its work has ended; RuntimeError with Google's words where it did not succeed."""
    pause = 0.1
    while not (found := ask()).state.name.endswith(ENDED):
        time.sleep(pause)
        pause = min(2 * pause, longest)
    if not found.state.name.endswith("SUCCEEDED"):
        raise RuntimeError(f"{found.name}: {found.state.name}: {found.error.message}")
    return found
