"""At Google an order waits at the desk before anything of it exists; the page shows it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from catalog_templates.template import find
from operations.catalog_counter import Slip
from operations.catalog_desk import Desk
from operations.catalog_engine import Progress, silent
from operations.catalog_launching import delete, launch
from operations.catalog_web.work import Work
from operations.outcome import Exit, OperationFailed
from settings.problems import InvalidSettings
from tests.catalog.shop import order, shop
from tests.program import EXAMPLE, blueprint

NAME = "bucket-images"
TYPED = {"name": "images", "purpose": "Images of the shop."}


@dataclass
class SlowDesk:
    """A counter where an order lies until the desk `begins`; then it ends, or as `error` says."""

    begins: Event = field(default_factory=Event)
    error: Exception | None = None

    def place(self, team: str, slip: Slip, progress: Progress = silent) -> list[str]:
        progress(f"the order of {team} is at the desk")
        self.begins.wait(60)
        if self.error:
            raise self.error
        return []


@pytest.fixture(scope="module")
def desk(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with shop(deployed, tmp_path_factory.mktemp("shop"), find("bucket")) as (desk, _):
        yield desk


@pytest.fixture
def slow(desk: Desk) -> Iterator[SlowDesk]:
    """From now on orders of this desk are handed in."""
    desk.counter = slow = SlowDesk()
    yield slow
    slow.begins.set()
    desk.counter = None


def shown(work: Work) -> list[tuple[str, str]]:
    return [(it["name"], it["state"]) for it in work.deployments()]


REFUSED = OperationFailed("template 'bucket'", "is not shared", "run 'blueprint catalog register'", code=Exit.REFUSED)
ENDS: dict[str, tuple[Any, str]] = {
    "is refused there": (REFUSED, "template 'bucket': is not shared; run 'blueprint catalog register'"),
    "ends in a defect": (RuntimeError("Planted"), "RuntimeError('Planted')"),
}


@pytest.mark.parametrize("what", ENDS)
def test_an_order_is_shown_while_it_waits_at_the_desk_and_once_it_failed(desk: Desk, slow: SlowDesk, what: str) -> None:
    work = Work(desk, order())
    slow.error, told = ENDS[what]
    work.start("bucket", TYPED)
    assert shown(work) == [(NAME, "CREATING")]
    (it,) = work.deployments()
    assert (it["person"], it["inputs"]["name"]) == ("ada@example.com", "images")
    with pytest.raises(InvalidSettings, match="is taken already"):
        work.start("bucket", TYPED)
    with pytest.raises(InvalidSettings, match="is being changed already"):
        work.remove(NAME)
    slow.begins.set()
    work.close()
    (it,) = work.deployments()
    assert (it["state"], told in it["error"]) == ("FAILED", True), it


def test_what_is_to_be_deleted_is_shown_as_such_and_then_as_it_is(desk: Desk) -> None:
    launch(desk, order())
    desk.counter = slow = SlowDesk()
    work = Work(desk, order())
    try:
        work.remove(NAME)
        assert shown(work) == [(NAME, "DELETING")]
    finally:
        slow.begins.set()
        work.close()
        desk.counter = None
    assert shown(work) == [(NAME, "ACTIVE")]
    delete(desk, order(), NAME)
    assert shown(work) == []


def test_the_page_is_served_to_nobody_who_does_not_say_who_they_are(tmp_path: Path) -> None:
    """Else the first member of the team would own what somebody else orders."""
    words = ("catalog", "serve", "--team", "churn", "--target", "google", "--port", "0")
    done = blueprint(*words, *EXAMPLE, cwd=tmp_path)
    assert (done.returncode, done.stderr.startswith("--by: is not given")) == (2, True), done.stderr
