"""One promotion at a time: whoever comes second while the first one works is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.release import Refused
from pipelines.services.ledger import Ledger
from settings.problems import Problem

if TYPE_CHECKING:
    from google.cloud.storage import Blob


class Turn(Protocol):
    """Who changes what serves."""

    def taken(self) -> AbstractContextManager[None]:
        """A block in which nobody else promotes; Refused where somebody does."""
        ...


def at(place: Place, flow: Flow, run: str) -> Turn:
    return OnLaptop(place) if place.stands_in else OnGoogle(place, flow, run)


class OnGoogle:
    """An object of the team's bucket that only one can create, with the name of the run that has.

    A run that died left it: the same run takes it over, and once no job can last so long, anybody does.
    """

    def __init__(self, place: Place, flow: Flow, run: str) -> None:
        self._place, self._run, self._name = place, run, f"promotion-{place.team}.lock"
        self._longest = timedelta(minutes=flow.jobs.timeout_minutes)

    @contextmanager
    def taken(self) -> Iterator[None]:
        from google.api_core.exceptions import NotFound, PreconditionFailed
        from google.cloud.storage import Client

        bucket = Client(project=self._place.project).bucket(self._place.bucket)
        held, blob = bucket.get_blob(self._name), bucket.blob(self._name)
        if held and not self._left(held):
            raise self._busy()
        try:
            blob.upload_from_string(self._run, if_generation_match=held.generation if held else 0)
        except PreconditionFailed:
            raise self._busy() from None
        try:
            yield
        finally:
            with suppress(NotFound, PreconditionFailed):  # somebody has taken it over
                blob.delete(if_generation_match=blob.generation)

    def _left(self, held: Blob) -> bool:
        """Whether nobody else can be at work with it."""
        mine: bool = held.download_as_text() == self._run
        return mine or datetime.now(UTC) - held.updated > self._longest

    def _busy(self) -> Refused:
        way_out = f"wait for its end, {self._longest} at most"
        return Refused([Problem("promotion", "another one is going on", way_out)])


class OnLaptop:
    """STAND-IN. A lock between processes."""

    def __init__(self, place: Place) -> None:
        self._ledger = Ledger(place, f"promotion-{place.team}")

    @contextmanager
    def taken(self) -> Iterator[None]:
        with self._ledger.locked():
            yield
