"""The configuration that operational pipelines read: which digest of an image was approved for them, and by whom.

Each approval adds a file; none is ever changed. The newest one counts. Only the promotion's identity may write there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from operations.google_words import told
from settings.names import Names

if TYPE_CHECKING:
    from google.cloud.storage import Bucket


def record(names: Names, key: str, image: str, statement: dict[str, Any]) -> str:
    """Write down what operational pipelines use from now on; where. `statement` is what is sealed of the image."""
    internal = statement["predicate"]["buildDefinition"]
    found = {
        "image": image,
        "commit": internal["externalParameters"]["commit"],
        "build": statement["predicate"]["runDetails"]["metadata"]["invocationId"],
        "approved_by": internal["internalParameters"]["approver"],
    }
    name = f"{key}/{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.json"
    with _bucket(names) as bucket:
        bucket.blob(name).upload_from_string(json.dumps(found, indent=1) + "\n", if_generation_match=0)
    return f"gs://{names.approved_bucket()}/{name}"


def approved(names: Names, key: str) -> dict[str, Any] | None:
    """What was approved last of an image; None where nothing was."""
    with _bucket(names) as bucket:
        found = sorted(blob.name for blob in bucket.list_blobs(prefix=f"{key}/"))
        newest: dict[str, Any] | None = json.loads(bucket.blob(found[-1]).download_as_bytes()) if found else None
        return newest


@contextmanager
def _bucket(names: Names) -> Iterator[Bucket]:
    from google.cloud.storage import Client

    place = names.approved_bucket()
    with told(f"gs://{place}"):
        yield Client(project="unused").bucket(place)
