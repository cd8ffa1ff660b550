"""What is written down about live answers: the traffic itself, the trend and what is proposed of it.

A place is a file, or `gs://BUCKET/NAME`. Objects of a bucket are never added to: a traffic log there is a folder with a
folder a day, and each call of the application puts one object into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from operations.google_words import told
from operations.writing import write
from pipelines.genai import lines
from pipelines.genai.drift.traffic import Logged

BUCKET = "gs://"
FOLDER = "traffic"
"""Where in the team's bucket the application writes what it was asked and what it answered."""


def add(log: str, answers: Sequence[Logged]) -> None:
    """Add answers to a traffic log."""
    if answers and log.startswith(BUCKET):
        put(f"{log.rstrip('/')}/{answers[0].day}/{answers[0].trace}.jsonl", lines.written(answers))
    elif answers:
        put(log, text(log) + lines.written(answers))


def read(log: str, since: date | None = None) -> Iterator[Logged]:
    """The answers of a log; of a bucket's, those from a day on."""
    if not log.startswith(BUCKET):
        yield from lines.records(Path(log), Logged)
        return
    bucket, prefix = _parts(log.rstrip("/") + "/")
    with TemporaryDirectory() as folder, told(log):
        for blob in _client().list_blobs(bucket, prefix=prefix):
            if since is None or blob.name.removeprefix(prefix) >= since.isoformat():
                path = Path(folder) / "log.jsonl"
                blob.download_to_filename(path)
                yield from lines.records(path, Logged, f"gs://{bucket}/{blob.name}")


def text(place: str) -> str:
    """What lies at a place; nothing where there is nothing yet."""
    if not place.startswith(BUCKET):
        return lines.text(Path(place)) if Path(place).exists() else ""
    from google.api_core.exceptions import NotFound

    bucket, name = _parts(place)
    with told(place):
        try:
            return str(_client().bucket(bucket).blob(name).download_as_text())
        except NotFound:
            return ""


def put(place: str, content: str) -> None:
    """Put a text in the place of what lies there."""
    if not place.startswith(BUCKET):
        write(Path(place), content)
        return
    bucket, name = _parts(place)
    with told(place):
        _client().bucket(bucket).blob(name).upload_from_string(content, content_type="application/jsonl")


def _client() -> Any:
    from google.cloud import storage

    return storage.Client(project="unused")  # objects are found by their bucket alone


def _parts(place: str) -> tuple[str, str]:
    bucket, _, name = place.removeprefix(BUCKET).partition("/")
    return bucket, name
