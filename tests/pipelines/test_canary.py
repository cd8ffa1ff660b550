"""A canary in production: widened, taken back, or left alone by its rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.pipeline_promotion import conclude, rollback
from pipelines.flow import read_flow
from pipelines.place import Place
from pipelines.services import endpoints, registry
from settings.model import Installation
from tests.pipelines.rows import place_at

GOOD = {"requests": 500, "errors": 1, "minutes": 90}
BAD = {"requests": 500, "errors": 50, "minutes": 5}


@pytest.fixture
def production(installation: Installation, tmp_path: Path) -> Place:
    """Version 1 is the champion, version 2 is on trial with a tenth of the traffic."""
    place = place_at(installation, tmp_path, "production")
    endpoint, known = endpoints.at(place, read_flow("churn")), registry.at(place)
    for run in ("one", "two"):
        uri = place.uri(run, "model.pickle")
        place.file(uri).parent.mkdir(parents=True)
        place.file(uri).write_text(run)
        known.upload(uri, run, run, {})
    known.crown("1", None)
    endpoint.deploy("1", {"1": 100})
    endpoint.deploy("2", {"1": 90, "2": 10})
    return place


def state(place: Place) -> tuple[dict[str, int], str]:
    champion = registry.at(place).champion()
    assert champion
    return endpoints.at(place, read_flow("churn")).traffic(), champion.version


@pytest.mark.proves("O13a", defect="a canary that fails too often")
def test_a_canary_that_fails_too_often_is_taken_back_at_once(production: Place) -> None:
    assert conclude(production, BAD)["decision"] == "roll back"
    assert state(production) == ({"1": 100}, "1")


def test_a_canary_that_did_well_gets_all_traffic_and_the_crown_and_can_be_taken_back(production: Place) -> None:
    assert conclude(production, GOOD | {"minutes": 5})["decision"] == "wait"
    assert state(production) == ({"1": 90, "2": 10}, "1")
    assert conclude(production, GOOD)["decision"] == "widen"
    assert state(production) == ({"2": 100}, "2")
    rollback(production)
    assert state(production) == ({"1": 100}, "1")
