"""A promotion that dies half-way: it goes on where it was, and if nobody starts it again, nothing is stuck."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from operations.pipeline_promotion import conclude, evidence, promotion, rollback
from operations.pipeline_runs import start
from pipelines.execute import Run, told
from pipelines.inprocess import run_here
from pipelines.place import Place
from pipelines.release import Refused
from pipelines.services import endpoints, monitoring, registry
from settings.model import Installation
from tests.pipelines.rows import place_at
from tests.pipelines.test_canary import BAD, GOOD

MOMENTS = {"before the crown": (registry.OnLaptop, "crown"), "before monitoring": (monitoring.OnLaptop, "watch")}


def killed(run: Run, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The promotion, whose process dies at a moment."""

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(*MOMENTS[at], die)
        run_here(run, lambda _: None)


@pytest.fixture
def promoting(installation: Installation, tmp_path: Path) -> Callable[[str], Run]:
    """Makes the promotion of a model that has passed in nonproduction."""
    source, target = place_at(installation, tmp_path), place_at(installation, tmp_path, "production")
    for name, chosen in (("weak", {"technique": "boosting", "iterations": 1}), ("good", {})):
        start(Run(name, source, chosen), "inprocess", lambda *_: None, by="ada@example.com")
    return lambda name: promotion(source, target, evidence(source, name), approved_by="dora@example.com")


def state(place: Place, run: Run) -> tuple[str | None, dict[str, int]]:
    champion = registry.at(place).champion()
    return champion.version if champion else None, endpoints.at(place, run.flow).traffic()


@pytest.mark.parametrize("at", MOMENTS)
def test_a_promotion_that_died_goes_on_where_it_was(
    promoting: Callable[[str], Run], at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = promoting("weak")
    killed(first, at, monkeypatch)
    run_here(first, lambda _: None)
    assert (told(first, "promote", "promotion")["version"], *state(first.place, first)) == ("1", "1", {"1": 100})
    second = promoting("good")
    killed(second, "before monitoring", monkeypatch)
    run_here(second, lambda _: None)
    assert told(second, "promote", "promotion")["monitoring"]
    assert state(second.place, second) == ("1", {"1": 90, "2": 10})
    assert [one.version for one in registry.at(second.place).versions()] == ["1", "2"], "nothing is there twice"


def test_whoever_goes_back_while_a_promotion_deploys_has_the_last_word(
    promoting: Callable[[str], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("weak", "good"):
        run = promoting(name)
        run_here(run, lambda _: None)
    conclude(run.place, GOOD)
    third, deploy = promoting("weak"), endpoints.OnLaptop.deploy

    def slowly(self: endpoints.OnLaptop, version: str) -> None:
        monkeypatch.setattr(endpoints.OnLaptop, "deploy", deploy)
        deploy(self, version)
        rollback(third.place)

    monkeypatch.setattr(endpoints.OnLaptop, "deploy", slowly)
    with pytest.raises(Refused, match="the champion is 1, not 2"):
        run_here(third, lambda _: None)
    assert state(third.place, third) == ("1", {"1": 100})


def test_what_is_retired_in_production_does_not_come_back_by_a_promotion(promoting: Callable[[str], Run]) -> None:
    for name in ("weak", "good"):
        run = promoting(name)
        run_here(run, lambda _: None)
    conclude(run.place, BAD)
    registry.at(run.place).retire("2", "2026-11-26 by dora@example.com: it fails")
    with pytest.raises(Refused, match=r"version 2 is retired here \(2026-11-26 by dora@example.com: it fails\)"):
        run_here(promoting("good"), lambda _: None)
    assert state(run.place, run) == ("1", {"1": 100})


@pytest.mark.proves("O13a", defect="a first promotion that dies before its version is crowned")
def test_a_first_version_that_nobody_has_crowned_is_crowned_by_the_look_at_canaries(
    promoting: Callable[[str], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = promoting("weak")
    killed(first, "before the crown", monkeypatch)
    assert state(first.place, first) == (None, {"1": 100})
    found = conclude(first.place)
    assert (found["decision"], "there was no champion" in found["says"]) == ("crown", True)
    assert state(first.place, first) == ("1", {"1": 100})
    second = promoting("good")
    run_here(second, lambda _: None)
    assert state(second.place, second) == ("1", {"1": 90, "2": 10})
