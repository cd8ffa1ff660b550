"""Signatures of releases: made by the build that judged a release, with its team's key; asked for before it moves.

Each is a file of its own, named by the hash of the lock that it signs; none is ever changed, and the newest counts. It
holds the bytes that Cloud KMS gave, so that `openssl dgst -sha256 -verify` reads it too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from operations import signing
from operations.images.desk import Images
from operations.outcome import OperationFailed
from pipelines.genai.release import LOCK
from settings.loading import names_of
from settings.model import Installation
from settings.names import Names
from settings.problems import InvalidSettings, Problem, suggestion


@dataclass(frozen=True)
class Signatures:
    """What the key of a team has signed: the key's version, and where the signatures lie."""

    team: str
    key: str
    place: str

    @classmethod
    def of(cls, installation: Installation, team: str) -> Signatures:
        """Those of a team's releases. Raises InvalidSettings where it is no generative team."""
        generative = [key for key, it in installation.teams.items() if it.purpose == "generative"]
        if team not in generative:
            way_out = suggestion(team, generative, f"choose one of {', '.join(generative) or 'none yet'}")
            raise InvalidSettings([Problem("release", f"'{team}' is no generative team, whose key signs", way_out)])
        names = names_of(installation)
        return cls(team, f"{names.release_key(team)}/cryptoKeyVersions/1", names.release_bucket())

    def add(self, lock: bytes) -> str:
        """Sign a lock; where the signature lies."""
        blob = self._bucket.blob(f"{self._folder(lock)}{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.sig")
        blob.upload_from_string(signing.signature(self.key, lock), if_generation_match=0)
        return f"gs://{self.place}/{blob.name}"

    def problems(self, lock: bytes) -> Iterator[Problem]:
        """What is wrong with the signature of a lock."""
        found = sorted(blob.name for blob in self._bucket.list_blobs(prefix=self._folder(lock)))
        if not found:
            yield Problem(LOCK, "is not signed", "merge it: the build that judges it signs it")
        elif not signing.holds(self.key, lock, self._bucket.blob(found[-1]).download_as_bytes()):
            text = f"gs://{self.place}/{found[-1]} is no signature of it by the key of team '{self.team}'"
            yield Problem(LOCK, text, "have it signed again by the build that judges it")

    def _folder(self, lock: bytes) -> str:
        return f"{self.team}/{hashlib.sha256(lock).hexdigest()}/"

    @property
    def _bucket(self) -> Any:
        from google.cloud.storage import Client

        return Client(project="unused").bucket(self.place)


def image_problems(names: Names, image: str) -> Iterator[Problem]:
    """What is wrong with the image that a lock names: it is in our registry, with the seal of a data engineer."""
    images, place = Images(names), f"{LOCK}.image"
    name, _, digest = image.removeprefix(f"{images.registry.host}/").partition("@")
    if not images.registry.has(name, digest):
        yield Problem(place, f"{image} is not in the registry", "name what the container pipeline pushed")
        return
    try:
        images.verify(image)
    except OperationFailed as error:
        yield Problem(place, f"{image} {error.problem.text}", error.problem.way_out)
