"""One promotion at a time: whoever comes second while the first one works is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from pipelines.place import Place
from pipelines.release import Refused
from pipelines.services.ledger import Ledger
from settings.problems import Problem


class Turn(Protocol):
    """Who changes what serves."""

    def taken(self) -> AbstractContextManager[None]:
        """A block in which nobody else promotes; Refused where somebody does."""
        ...


def at(place: Place) -> Turn:
    return OnLaptop(place) if place.laptop else OnGoogle(place)


class OnGoogle:
    """An object of the team's bucket that only one can create."""

    def __init__(self, place: Place) -> None:
        self._place, self._name = place, f"promotion-{place.team}.lock"

    @contextmanager
    def taken(self) -> Iterator[None]:
        from google.api_core.exceptions import PreconditionFailed
        from google.cloud.storage import Client

        blob = Client(project=self._place.project).bucket(self._place.bucket).blob(self._name)
        try:
            blob.upload_from_string(b"", if_generation_match=0)
        except PreconditionFailed:
            way_out = f"wait for its end; after a crash remove gs://{self._place.bucket}/{self._name}"
            raise Refused([Problem("promotion", "another one is going on", way_out)]) from None
        try:
            yield
        finally:
            blob.delete()


class OnLaptop:
    """STAND-IN. A lock between processes."""

    def __init__(self, place: Place) -> None:
        self._ledger = Ledger(place, f"promotion-{place.team}")

    @contextmanager
    def taken(self) -> Iterator[None]:
        with self._ledger.locked():
            yield
