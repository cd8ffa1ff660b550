"""Promotion of a release: the bytes of its lock move from one environment to the next, and nothing else does.

Each environment holds the lock in its team's bucket. What serves there takes every part by the hash that the lock says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.evaluations import Desk
from operations.generative import OPERATIONAL
from operations.model_places import reached
from operations.outcome import Exit, OperationFailed
from operations.releases import verified
from pipelines.genai import release
from pipelines.genai.release import LOCK
from pipelines.genai.stub import LABEL
from pipelines.genai.vertex.place import told
from settings import loading
from settings.problems import InvalidSettings, Problem

HERE = "here"


@dataclass(frozen=True)
class Shelf:
    """Where an environment holds the lock of a release."""

    bucket: str
    name: str

    @property
    def place(self) -> str:
        """How people find it."""
        return f"gs://{self.bucket}/releases/{self.name}/{LOCK}"

    def read(self) -> bytes:
        """The lock. Raises InvalidSettings where there is none."""
        with told(self.place):
            blob = self._bucket.get_blob(f"releases/{self.name}/{LOCK}")
            content: bytes | None = blob.download_as_bytes() if blob else None
        if content is None:
            raise InvalidSettings([Problem(self.place, "holds no release", "promote one to this environment first")])
        return content

    def write(self, content: bytes) -> None:
        """Put the lock there."""
        with told(self.place):
            self._bucket.blob(f"releases/{self.name}/{LOCK}").upload_from_string(
                content, content_type="application/json"
            )

    @property
    def _bucket(self) -> Any:
        from google.cloud import storage

        return storage.Client().bucket(self.bucket)


@contextmanager
def shelf(settings: Path, name: str, environment: str, target: str) -> Iterator[Shelf]:
    """The shelf of an operational environment while its bucket can be reached."""
    if environment not in OPERATIONAL:
        way_out = f"choose one of {', '.join(OPERATIONAL)}"
        raise InvalidSettings([Problem("--to", f"'{environment}' is no operational environment", way_out)])
    with reached(target, loading.read(settings), environment) as place:
        assert place is not None
        yield Shelf(place.bucket, name)


def promoted(desk: Desk, settings: Path, *, source: str, to: str, target: str) -> str:
    """Move the lock to an environment, where every part is what it says; the hash of the bytes that moved.

    A lock that was evaluated by the stand-in goes nowhere but to the sandbox.
    """
    name = desk.evaluation.name
    content = (
        (release.folder(desk.assets, name) / LOCK).read_bytes()
        if source == HERE
        else _held(settings, name, source, target)
    )
    problems = list(differing(desk, content)) or verified(desk)
    label = json.loads(content).get("evaluation", {}).get("label", "")
    if target == "google" and LABEL in label:
        problems.append(Problem(f"{LOCK}.evaluation.label", f"is '{label}'", "evaluate with --models google"))
    if problems:
        raise OperationFailed(problems[0].place, problems[0].text, problems[0].way_out, code=Exit.REFUSED)
    with shelf(settings, name, to, target) as place:
        place.write(content)
        if place.read() != content:
            raise OperationFailed(place.place, "does not hold what was written", "promote it again")
    return hashlib.sha256(content).hexdigest()


def differing(desk: Desk, content: bytes) -> Iterator[Problem]:
    """Every part, and every other byte, in which a lock is not the one that stands here."""
    here = (release.folder(desk.assets, desk.evaluation.name) / LOCK).read_bytes()
    if content == here:
        return
    try:
        parts = list(release.differences(json.loads(here), json.loads(content)))
    except ValueError:
        parts = []
    yield from parts
    if not parts:
        at = next(
            (n for n, (a, b) in enumerate(zip(here, content, strict=False)) if a != b), min(len(here), len(content))
        )
        line = here[:at].count(b"\n") + 1
        yield Problem(f"{LOCK}:{line}", f"byte {at} is another one", "promote the release again")


def of_environment(desk: Desk, settings: Path, environment: str, target: str) -> list[Problem]:
    """In what the lock that an environment holds is not the one that stands here."""
    return list(differing(desk, _held(settings, desk.evaluation.name, environment, target)))


def _held(settings: Path, name: str, environment: str, target: str) -> bytes:
    with shelf(settings, name, environment, target) as place:
        return place.read()
