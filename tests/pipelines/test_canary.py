"""A canary in production: widened, taken back, or left alone by its rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from operations.outcome import OperationFailed
from operations.pipeline_promotion import conclude, rollback
from pipelines.flow import read_flow
from pipelines.place import Place
from pipelines.services import endpoints, registry
from pipelines.steps import conclude as conclude_step
from settings.model import Installation
from tests.pipelines.rows import place_at
from tests.program import EXAMPLE, blueprint

CHAMPION = {"requests": 4500, "errors": 9}
GOOD = {"requests": 500, "errors": 1, "minutes": 90, "champion": CHAMPION}
BAD = {"requests": 500, "errors": 50, "minutes": 5, "champion": CHAMPION}


SEEN = ("--champion", "900", "9", "--minutes", "90")


@pytest.fixture
def production(installation: Installation, tmp_path: Path) -> Place:
    """Version 1 is the champion, version 2 is on trial with a tenth of the traffic."""
    place = place_at(installation, tmp_path, "production")
    assert place.laptop
    laptop = place.laptop.model_copy(update={"folder": str(tmp_path / ".sandbox/pipelines")})
    place = place.model_copy(update={"laptop": laptop})
    endpoint, known = endpoints.at(place, read_flow("churn")), registry.at(place)
    for run in ("one", "two"):
        uri = place.uri(run, "model.pickle")
        place.file(uri).parent.mkdir(parents=True)
        place.file(uri).write_text(run)
        known.upload(uri, run, run, {})
    known.crown("1", None)
    endpoint.deploy("1")
    endpoint.share({"1": 100})
    endpoint.deploy("2")
    endpoint.share({"1": 90, "2": 10})
    return place


def state(place: Place) -> tuple[dict[str, int], str]:
    champion = registry.at(place).champion()
    assert champion
    return endpoints.at(place, read_flow("churn")).traffic(), champion.version


@pytest.mark.proves("O13a", defect="a canary that fails too often")
def test_a_canary_that_fails_too_often_is_taken_back_at_once(production: Place) -> None:
    assert conclude(production, BAD)["decision"] == "roll back"
    assert state(production) == ({"1": 100}, "1")


@pytest.mark.proves("O13a", defect="a champion that fails as often")
def test_what_fails_for_the_champion_too_takes_no_canary_back(production: Place) -> None:
    assert conclude(production, BAD | {"champion": {"requests": 4500, "errors": 450}})["decision"] == "wait"
    assert state(production) == ({"1": 90, "2": 10}, "1")
    assert conclude(production, BAD)["decision"] == "roll back"


def test_a_canary_that_did_well_gets_all_traffic_and_the_crown_and_can_be_taken_back(production: Place) -> None:
    assert conclude(production, GOOD | {"minutes": 5})["decision"] == "wait"
    assert state(production) == ({"1": 90, "2": 10}, "1")
    assert conclude(production, GOOD)["decision"] == "widen"
    assert state(production) == ({"2": 100}, "2")
    rollback(production)
    assert state(production) == ({"1": 100}, "1")


def widened_third(place: Place) -> None:
    """A third version is tried and does well."""
    uri, endpoint = place.uri("three", "model.pickle"), endpoints.at(place, read_flow("churn"))
    place.file(uri).parent.mkdir(parents=True)
    place.file(uri).write_text("three")
    registry.at(place).upload(uri, "three", "three", {})
    endpoint.deploy("3")
    endpoint.share({"1": 90, "3": 10})
    assert conclude(place, GOOD)["decision"] == "widen"
    assert state(place) == ({"3": 100}, "3")


@pytest.mark.proves("O13a", defect="a version between the champion and the one before that was taken back")
def test_the_way_back_leads_to_a_version_that_was_champion_and_to_none_that_was_taken_back(production: Place) -> None:
    assert conclude(production, BAD)["decision"] == "roll back"
    widened_third(production)
    rollback(production)
    assert state(production) == ({"1": 100}, "1")


@pytest.mark.proves("O13a", defect="a champion that was gone back from")
def test_nobody_goes_back_to_what_was_gone_back_from(production: Place) -> None:
    assert conclude(production, GOOD)["decision"] == "widen"
    rollback(production)
    widened_third(production)
    rollback(production)
    assert state(production) == ({"1": 100}, "1"), "version 2 was champion, too, but somebody went back from it"


def test_a_look_that_somebody_was_faster_than_changes_nothing(
    production: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged_by = conclude_step.judged_by

    def slowly(*given: Any) -> Any:
        rollback(production)
        return judged_by(*given)

    monkeypatch.setattr(conclude_step, "judged_by", slowly)
    with pytest.raises(OperationFailed, match="version 2 is not deployed any more; look again"):
        conclude(production, GOOD)
    assert state(production) == ({"1": 100}, "1")


def test_too_few_requests_are_no_verdict_and_half_an_account_is_none(production: Place, tmp_path: Path) -> None:
    for words, code, told in (
        (("--canary", "9", "1", *SEEN), 3, "INCONCLUSIVE: it is to be shown as good as the champion, and 60 minutes"),
        (("--canary", "500", "0"), 2, "tell all of --canary, --champion and --minutes, or none"),
        (("--canary", "-1", "0", *SEEN), 2, "-1 is not in the range"),
        (("--canary", "1", "2", *SEEN), 2, "'failed requests' of the candidate is (2, 1)"),
        ((), 2, "version 2: nobody asks an endpoint on this computer"),
    ):
        done = blueprint("pipeline", "canary", "--team", "churn", "--target", "laptop", *words, *EXAMPLE, cwd=tmp_path)
        assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert state(production) == ({"1": 90, "2": 10}, "1")
