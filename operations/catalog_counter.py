"""How a person orders at Google: a slip that the desk finds, a bell, and the desk's answer.

The person may add slips for the team and read its answers, and holds no right to make anything. The desk is a build;
who it acts as stands in its trigger. Cloud Storage audits who left a slip; the name on it is what that person wrote.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from uuid import uuid4

from pydantic import TypeAdapter

from operations.catalog_engine import Progress, silent
from operations.catalog_shelf import Shelf, put_once
from operations.google_words import told
from operations.outcome import Exit, OperationFailed
from settings.loading import parse
from settings.model import Model
from settings.problems import InvalidSettings, Problem

PAUSE, PATIENCE = 5.0, 3600.0
TOPIC = "interactive-order"


class Slip(Model):
    """An order as it is written down: `name` is the template of a launch, else the deployment."""

    do: Literal["launch", "update", "delete"]
    name: str
    by: str
    environment: str
    version: str | None = None
    inputs: dict[str, Any] = {}
    dry_run: bool = False


def slip_of(order: str, left: bytes) -> Slip:
    """What somebody left, as a slip. InvalidSettings where it is none: whoever may add one may write it by hand."""
    way_out = "order by 'blueprint catalog launch', which writes it"
    try:
        written = json.loads(left)
    except ValueError:
        raise InvalidSettings([Problem(f"order '{order}'", "is no JSON", way_out)]) from None
    slip: Slip = parse(TypeAdapter(Slip), written, f"order '{order}'")
    if not slip.by:
        raise InvalidSettings([Problem(f"order '{order}'.by", "is empty", way_out)])
    return slip


class Answer(Model):
    """What became of it: `code` as a command would end, and problems or lines."""

    code: int = 0
    problems: list[tuple[str, str, str]] = []
    lines: list[str] = []

    def given(self) -> list[str]:
        """The lines; InvalidSettings or OperationFailed where the desk refused or failed."""
        if self.code == Exit.BAD_INPUT:
            raise InvalidSettings([Problem(*one) for one in self.problems])
        if self.code:
            raise OperationFailed(*self.problems[0], code=Exit(self.code))
        return self.lines


class Counter(Protocol):
    """Where a slip is handed in."""

    def place(self, team: str, slip: Slip, progress: Progress = silent) -> list[str]:
        """Hand it in and wait for what becomes of it, as `Answer.given`."""


@dataclass(frozen=True)
class Slips:
    """The bucket of the desk: orders of teams, and beside them whether they were begun and how they ended."""

    shelf: Shelf

    def leave(self, team: str, slip: Slip) -> str:
        """Add a slip; its name, which says whose it is."""
        order = f"{team}/{uuid4().hex}"
        put_once(self.shelf, f"orders/{order}.json", slip.model_dump_json().encode())
        return order

    def read(self, order: str) -> bytes:
        """A slip as it was left. OperationFailed where there is none."""
        found = self.shelf.get(f"orders/{order}.json")
        if found is None:
            raise OperationFailed(f"order '{order}'", "is not there", "order again: 'blueprint catalog launch'")
        return found

    def begin(self, order: str) -> bool:
        """Whether nobody has begun it: a bell may ring twice."""
        return self.shelf.put_new(f"answers/{order}.begun", b"")

    def answer(self, order: str, answer: Answer) -> None:
        """Leave what became of it."""
        put_once(self.shelf, f"answers/{order}.json", answer.model_dump_json().encode())

    def answered(self, order: str) -> Answer | None:
        """What became of it; None while nothing has."""
        found = self.shelf.get(f"answers/{order}.json")
        return Answer.model_validate_json(found) if found else None


@dataclass(frozen=True)
class GoogleCounter:
    """The counter of an installation, as whoever is logged in. `project` is that of the desk."""

    slips: Slips
    project: str

    def place(self, team: str, slip: Slip, progress: Progress = silent) -> list[str]:
        order = self.slips.leave(team, slip)
        self._ring(order)
        progress(f"order {order} is at the desk")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if answer := self.slips.answered(order):
                return answer.given()
            time.sleep(PAUSE)
        text, way_out = "has no answer yet", "see 'blueprint catalog deployments', or ask the DevOps engineers"
        raise OperationFailed(f"order {order}", text, way_out, code=Exit.INCONCLUSIVE)

    def _ring(self, order: str) -> None:
        from google.pubsub_v1 import PublisherClient, PubsubMessage

        with told(f"order {order}", "see 'blueprint status'", refused="ask who may order"):
            message = PubsubMessage(data=b"{}", attributes={"order": order})
            PublisherClient().publish(topic=f"projects/{self.project}/topics/{TOPIC}", messages=[message])
