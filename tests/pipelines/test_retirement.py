"""The way back to a version, and the end of one: it stays in the registry, and everybody can see since when and why."""

from __future__ import annotations

import json

import pytest

from pipelines import release
from pipelines.execute import Run, told
from pipelines.inprocess import run_here
from pipelines.place import Place
from pipelines.release import Refused, Release, Retirement, Rollback, Trial
from pipelines.services import endpoints, registry
from settings.problems import InvalidSettings
from tests.pipelines.rows import done

WHY = "Trained before prices changed."


def retired(place: Place, version: str) -> Run:
    word = Retirement(retire=version, why=WHY, approved_by="dora@example.com", on="2026-11-26")
    run = Run(f"retire-{version}", place, {}, release=word)
    run_here(run, lambda _: None)
    return run


@pytest.fixture
def place_with_three(place: Place) -> Place:
    """Version 1 was champion, 2 is, and 3 is on trial."""
    first, _, _ = done(place)
    known, endpoint = registry.at(place), endpoints.at(place, first.flow)
    for run in ("two", "three"):
        uri = place.uri(run, "model.pickle")
        place.file(uri).parent.mkdir(parents=True)
        place.file(uri).write_text(run)
        known.upload(uri, run, run, {})
    assert known.crown("2", "1")
    endpoint.deploy("2")
    endpoint.share({"2": 100})
    endpoint.deploy("3")
    endpoint.share({"2": 90, "3": 10})
    return place


@pytest.mark.proves("A5c", defect="the champion, a version that serves, and one that nobody has registered")
def test_a_version_is_followed_until_its_retirement_and_none_that_is_needed_retires(place_with_three: Place) -> None:
    place, known = place_with_three, registry.at(place_with_three)
    with pytest.raises(Refused, match="version 2: is the champion"):
        retired(place, "2")
    with pytest.raises(Refused, match=r"version 3: answers 10 % of the requests"):
        retired(place, "3")
    with pytest.raises(InvalidSettings, match="version 4: is not registered; there are 1, 2, 3"):
        retired(place, "4")
    assert not any(one.retired for one in known.versions())
    retired(place, "1")
    retired(place, "1")
    first, second, third = known.versions()
    assert first.retired == f"2026-11-26 by dora@example.com: {WHY}"
    assert (first.aliases, third.aliases) == (("crowned-1",), ("candidate",))
    assert set(second.aliases) == {"champion", "crowned-2"}
    assert not known.crown("1", "2"), "what is retired serves nobody again"


@pytest.mark.proves("O13a", defect="nothing to go back to")
def test_a_rollback_is_a_pipeline_of_one_step_that_ends_at_the_first_version(place_with_three: Place) -> None:
    place, known = place_with_three, registry.at(place_with_three)
    word = Rollback(roll_back=WHY, approved_by="dora@example.com", on="2026-11-26")
    seen = []
    for name in ("from-trial", "from-champion"):
        run = Run(name, place, {}, release=word)
        assert list(run.steps) == ["roll_back"]
        run_here(run, lambda _: None)
        seen.append(told(run, "roll_back", "rollback"))
    assert [(one["from"], one["to"]) for one in seen] == [({"2": 90, "3": 10}, {"2": 100}), ({"2": 100}, {"1": 100})]
    assert seen[0]["approved_by"] == "dora@example.com"
    assert endpoints.at(place, run.flow).traffic() == {"1": 100}
    champion = known.champion()
    assert champion and champion.version == "1"
    with pytest.raises(Refused, match="no version before this one"):
        run_here(Run("once-more", place, {}, release=word), lambda _: None)


def test_another_process_is_told_every_decision_as_it_was_made(place: Place) -> None:
    said = {"approved_by": "dora@example.com", "on": "2026-11-26"}
    passed = {"run": "one", "commit": "c0ffee", "version": "1", "digest": "d", "metrics": {"auc": 0.8}}
    for decision in (
        Retirement(retire="1", why=WHY, **said),
        Rollback(roll_back=WHY, **said),
        Trial(),
        Release(**passed, approved_by="dora@example.com", source=place),
    ):
        assert release.told(decision.model_dump_json(exclude_none=True)) == decision
        with pytest.raises(InvalidSettings, match="unknown key 'planted'"):
            release.told(json.dumps(json.loads(decision.model_dump_json(exclude_none=True)) | {"planted": 1}))
    assert release.told("") is None
