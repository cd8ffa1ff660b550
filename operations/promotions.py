"""Promotion of a release: the bytes of its lock move from one environment to the next, and nothing else does.

Each environment holds the lock in its team's bucket of definitions, to which only the builder writes. What serves
there takes every part by the hash that the lock says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from operations.builds import duties
from operations.builds.desk import Desk as Builds
from operations.builds.duties import Consent
from operations.commits import LAST_COMMIT, changing, git
from operations.evaluations import Desk
from operations.generative import OPERATIONAL
from operations.model_places import LABELS, reached
from operations.outcome import OperationFailed
from operations.pipeline_release import DELIVERY
from operations.releases import refused, verified
from pipelines.genai import release
from pipelines.genai.release import LOCK
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
        self._put(f"releases/{self.name}/{LOCK}", content)

    def note(self, lock: str, build: str, record: dict[str, Any]) -> None:
        """Keep who approved that a lock comes there, and who wrote it."""
        self._put(f"promotions/{self.name}/{lock}-{build}.json", (json.dumps(record, indent=2) + "\n").encode())

    def _put(self, name: str, content: bytes) -> None:
        with told(self.place):
            self._bucket.blob(name).upload_from_string(content, content_type="application/json")

    @property
    def _bucket(self) -> Any:
        from google.cloud import storage

        return storage.Client(project="unused").bucket(self.bucket)


@contextmanager
def shelf(settings: Path, name: str, environment: str, target: str) -> Iterator[Shelf]:
    """The shelf of an operational environment while its bucket can be reached."""
    if environment not in OPERATIONAL:
        way_out = f"choose one of {', '.join(OPERATIONAL)}"
        raise InvalidSettings([Problem("--to", f"'{environment}' is no operational environment", way_out)])
    it = loading.read(settings)
    names = loading.names_of(it)
    with reached(target, it, environment) as place:
        assert place is not None
        owner = next(key for key in it.teams if names.project(environment, key) == place.project)
        yield Shelf(names.bucket(environment, owner, "definitions"), name)


def promoted(desk: Desk, settings: Path, *, source: str, to: str, target: str, build: str = "") -> str:
    """Move the lock to an environment, where every part is what it says; the hash of the bytes that moved.

    It has to be signed by the key of its team, and an image that it names has to be sealed. A lock that Google's
    models were not evaluated for goes nowhere but to the sandbox. Of a running build it is asked who approved it: not
    who wrote the release. That is kept beside the lock.
    """
    name = desk.evaluation.name
    here = release.folder(desk.assets, name) / LOCK
    release.read_lock(here)
    content = here.read_bytes() if source == HERE else _held(settings, name, source, target)
    consent = _consent(desk, build) if build else None
    problems = list(differing(desk, content)) or verified(desk, signed=True)
    problems += unproven(content, target)
    if problems:
        raise refused(problems[0])
    moved = hashlib.sha256(content).hexdigest()
    with shelf(settings, name, to, target) as place:
        if consent:
            place.note(moved, build, {"lock": moved, "build": build, "from": source, "to": to, **asdict(consent)})
        place.write(content)
        if place.read() != content:
            raise OperationFailed(place.place, "does not hold what was written", "promote it again")
    return moved


def _consent(desk: Desk, build: str) -> Consent:
    """Who approved a running build, having written neither the commit nor the release. Refused else."""
    folder, names = desk.assets.folder.absolute(), loading.names_of(desk.installation)
    lock = f"releases/{desk.evaluation.name}/{LOCK}"
    brought = next(changing(folder, LAST_COMMIT, lock), LAST_COMMIT)
    found = duties.consent(Builds(names), DELIVERY, build, folder, git(folder, "rev-parse", LAST_COMMIT))
    if found.approver.lower() in duties.authors(folder, brought):
        raise refused(Problem(lock, f"was approved by {found.approver}, who wrote it", "ask another approver"))
    return found


def unproven(content: bytes, target: str) -> Iterator[Problem]:
    """That a lock would go to Google although it was not Google's models that were evaluated."""
    label = json.loads(content).get("evaluation", {}).get("label", "")
    if target == "google" and label != LABELS["google"]:
        yield Problem(f"{LOCK}.evaluation.label", f"is '{label}'", "evaluate with --models google")


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
