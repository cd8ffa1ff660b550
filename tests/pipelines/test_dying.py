"""What changes who serves may die between any two of its effects: the next one finishes it, and does nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import tests.sandbox.api.conftest as sandbox_api
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.release import Refused, Release, Retirement, Rollback
from pipelines.services import endpoints, monitoring, registry, turn, vertex_api
from pipelines.steps import promote, retire, roll_back
from pipelines.steps.conclude import concluded
from settings.model import Installation
from tests.pipelines.dying import dying
from tests.pipelines.rows import place_at
from tests.pipelines.test_canary import BAD, GOOD

cloud = sandbox_api.cloud
WORD = {"approved_by": "dora@example.com", "on": "2026-11-26"}
EARLY = GOOD | {"minutes": 5}
NUMBERS = count(1)


@dataclass(frozen=True)
class Team:
    """A team of its own, so that many of them live at one place."""

    place: Place
    source: Place
    flow: Flow

    @property
    def registry(self) -> registry.Registry:
        return registry.at(self.place)

    @property
    def endpoint(self) -> endpoints.Endpoint:
        return endpoints.at(self.place, self.flow)

    @property
    def monitor(self) -> monitoring.Monitor:
        return monitoring.at(self.place, self.flow)

    def made(self, run: str, place: Place) -> registry.Version:
        """A model that has passed."""
        uri = place.uri(run, "model.pickle")
        place.file(uri).parent.mkdir(parents=True, exist_ok=True)
        place.file(uri).write_text(run)
        digest = registry.file_digest(place.file(uri))
        return registry.at(place).upload(uri, digest, run, {"decision": {"verdict": "PASS"}})

    def release(self, expected: str | None) -> Release:
        """The word that brings the next model to production."""
        made = self.made("next", self.source)
        path = self.source.file(self.source.uri("next", "read_features", "featured.parquet"))
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame({name: [1] for name in self.flow.inputs}).to_parquet(path)
        told = {"run": "next", "commit": "c0ffee", "version": made.version, "digest": made.digest, "metrics": {}}
        return Release(**told, approved_by=WORD["approved_by"], expected=expected, source=self.source)

    def state(self) -> Any:
        """Who is what, and who answers what; what is deployed and answers nothing has nothing."""
        known = {one.version: (set(one.aliases) - {"default"}, one.retired) for one in self.registry.versions()}
        return known, self.endpoint.traffic(), deployed(self.place)


def deployed(place: Place) -> list[str]:
    if place.laptop:
        found = endpoints.Ledger(place, "endpoints").get(place.endpoint) or {"deployed": {}}
        return sorted(found["deployed"])
    name = f"{place.parent}/endpoints/{place.endpoint}"
    found = vertex_api.client(place, "EndpointServiceClient").get_endpoint(name=name)
    return sorted(endpoints.version_of(one) for one in found.deployed_models)


def serving(team: Team, *crowned: str, trial: str = "") -> None:
    """Versions of a team: who was champion in turn, the last one serves; between the last two is one that failed."""
    before = None
    for name in crowned:
        version = team.made(name, team.place).version
        team.endpoint.deploy(version)
        team.endpoint.share({version: 100})
        assert team.registry.crown(version, before)
        before = version
        if name == crowned[-2:][0] != crowned[-1]:
            team.made("failed", team.place)
    if trial:
        version = team.made(trial, team.place).version
        team.endpoint.deploy(version)
        team.endpoint.share({str(before): 90, version: 10})


def promoted(expected: str | None) -> Callable[[Team, str], object]:
    def run(team: Team, name: str) -> object:
        its = turn.at(team.place, team.flow, name)
        given = {"flow": team.flow, "place": team.place, "registry": team.registry, "endpoint": team.endpoint}
        return promote.run(release=team.release(expected), run=name, monitor=team.monitor, turn=its, **given)

    return run


def looked(told: dict[str, Any]) -> Callable[[Team, str], object]:
    return lambda team, _: concluded(team.flow, team.registry, team.endpoint, team.monitor, told)


def back(team: Team, run: str) -> object:
    given = {"registry": team.registry, "endpoint": team.endpoint, "monitor": team.monitor}
    return roll_back.run(release=Rollback(roll_back="It fails at night.", **WORD), run=run, place=team.place, **given)


def retired(team: Team, run: str, version: str = "2") -> object:
    given = {"registry": team.registry, "endpoint": team.endpoint, "turn": turn.at(team.place, team.flow, run)}
    return retire.run(release=Retirement(retire=version, why="It is too old.", **WORD), **given)


Case = tuple[Callable[[Team], None], Callable[[Team, str], object]]
CASES: dict[str, Case] = {
    "the first promotion": (lambda team: None, promoted(None)),
    "a promotion": (lambda team: serving(team, "one"), promoted("1")),
    "a canary that did well": (lambda team: serving(team, "one", trial="two"), looked(GOOD)),
    "a canary that failed": (lambda team: serving(team, "one", trial="two"), looked(BAD)),
    "the way back from a trial": (lambda team: serving(team, "one", "two", trial="three"), back),
    "the way back from a champion": (lambda team: serving(team, "one", "two", "three"), back),
    "a retirement": (lambda team: serving(team, "one", "two"), retired),
}


@pytest.fixture(params=["stand-ins", "Google's clients"])
def team(request: pytest.FixtureRequest, installation: Installation, tmp_path: Path, flow: Flow) -> Iterator[Any]:
    """Makes teams, each with an endpoint of its own."""
    google = request.param != "stand-ins"
    if google:
        request.getfixturevalue("cloud")
    place = place_at(installation, tmp_path, "production", project="p1", region="europe-west1")
    source = place_at(installation, tmp_path)
    assert place.laptop
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GCS_MOUNT", f"{place.laptop.folder}/buckets")
        yield lambda: _team(place.model_copy(update={"laptop": None}) if google else place, source, flow)


def _team(place: Place, source: Place, flow: Flow) -> Team:
    number = next(NUMBERS)
    changes = {"team": f"team{number}", "endpoint": f"{number}", "bucket": f"b{number}"}
    it = Team(place.model_copy(update=changes), source.model_copy(update=changes), flow)
    if not place.laptop:
        from google.cloud import storage

        asked = {"parent": place.parent, "endpoint": {"display_name": it.place.team}, "endpoint_id": it.place.endpoint}
        vertex_api.client(place, "EndpointServiceClient").create_endpoint(request=asked).result()
        storage.Client(project=place.project).create_bucket(it.place.bucket)
    return it


def left(make: Callable[[], Team], case: Case) -> Iterator[tuple[Team, Any, str]]:
    """What a process leaves that dies after each of its effects: the team, the state if it does not die, and where."""
    before, work = case
    whole = make()
    before(whole)
    with dying(None) as effects:
        work(whole, "run")
    assert len(effects) > 1
    for after in range(len(effects) + 1):
        one = make()
        before(one)
        with dying(after):
            work(one, "run")
        yield one, whole.state(), f"after {after}: {effects[max(0, after - 1)]}"


def at_last(team: Team, told: dict[str, Any]) -> None:
    """A look that comes when no process that had begun before can still be alive."""
    jobs = team.flow.jobs.model_copy(update={"timeout_minutes": 0})
    looked(told)(replace(team, flow=team.flow.model_copy(update={"jobs": jobs})), "")


def unhealed(make: Callable[[], Team], case: Case) -> list[str]:
    """Moments after which the same work, done again, comes to another end than work that did not die."""
    found = []
    for team, wanted, moment in left(make, case):
        case[1](team, "run")
        at_last(team, EARLY)
        if (state := team.state()) != wanted:
            found.append(f"{moment}: {state} instead of {wanted}")
    return found


@pytest.mark.proves("O13a", defect="a process that dies after each single thing that it changes")
@pytest.mark.parametrize("name", CASES)
def test_what_died_at_any_moment_comes_to_the_same_end_when_it_is_done_again(name: str, team: Any) -> None:
    assert not unhealed(team, CASES[name])


def unsound(team: Team, moment: str, *, begun: bool = True) -> str:
    """What is wrong if after two looks it is not one version that is champion, is deployed and has all the traffic."""
    at_last(team, EARLY)
    at_last(team, GOOD)
    known, traffic, there = team.state()
    champions = [version for version, (aliases, gone) in known.items() if "champion" in aliases and not gone]
    same = (there, list(traffic)) == (champions, champions)
    return "" if same and (len(champions) == 1 or not begun) else f"{moment}: {team.state()}"


@pytest.mark.parametrize(
    ("team", "name"),
    [("stand-ins", name) for name in CASES]
    + [("Google's clients", name) for name in ("a promotion", "the way back from a champion")],
    indirect=["team"],
)
def test_whoever_died_the_next_looks_leave_one_version_that_answers_and_is_the_champion(name: str, team: Any) -> None:
    for one, _, moment in left(team, CASES[name]):
        assert not unsound(one, moment, begun=name != "the first promotion")


@pytest.mark.parametrize("team", ["stand-ins"], indirect=True)
def test_a_person_who_goes_back_once_more_after_a_crash_comes_to_the_version_of_the_first_time(team: Any) -> None:
    for one, wanted, moment in left(team, (lambda team: serving(team, "one", "two"), back)):
        with suppress(Refused):  # there is no version before that
            back(one, "once more")
        assert one.state() == wanted, moment


class Interrupted:
    """A service before whose call of a number somebody else does something."""

    def __init__(self, service: Any, calls: Iterator[int], at: int, other: Callable[[], object]) -> None:
        self._service, self._calls, self._at, self._other = service, calls, at, other

    def __getattr__(self, name: str) -> Any:
        if next(self._calls) == self._at:
            with suppress(Refused):
                self._other()
        return getattr(self._service, name)


@dataclass(frozen=True)
class Meanwhile(Team):
    """A team at whose work somebody else does something at a moment."""

    calls: Iterator[int]
    at: int
    other: Callable[[], object]

    @property
    def registry(self) -> Any:
        return Interrupted(super().registry, self.calls, self.at, self.other)

    @property
    def endpoint(self) -> Any:
        return Interrupted(super().endpoint, self.calls, self.at, self.other)


WORK = {"promotes": promoted("3"), "widens": looked(GOOD), "takes back": looked(BAD), "goes back": back}
WORK["retires"] = lambda team, run: retired(team, run, "1")
IN_TURN = {"promotes", "retires"}
BEFORE = (("one", "two", ""), ("one", "two", "three"))
PAIRS = [(one, other) for one in WORK for other in WORK if not {one, other} <= IN_TURN]


@pytest.mark.parametrize("team", ["stand-ins"], indirect=True)
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_whatever_two_do_at_once_the_next_looks_leave_one_version_that_answers_and_is_the_champion(
    one: str, other: str, team: Any
) -> None:
    for first, second, trial in BEFORE:
        for at in count(0):
            it, calls = team(), count(0)
            serving(it, first, second, trial=trial)
            meanwhile = Meanwhile(it.place, it.source, it.flow, calls, at, lambda it=it: WORK[other](it, "other"))
            with suppress(Refused):
                WORK[one](meanwhile, "run")
            assert not unsound(it, f"{one}, and {other} before call {at}, with {trial or 'nobody'} on trial")
            if next(calls) <= at:
                break


def decided_anew(team: Team, _: str) -> None:
    """DEFECT: whoever does it again decides again where it goes."""
    its = team.registry, team.endpoint
    roll_back.carried_out(roll_back.plan(*its), *its, team.monitor)


def crowned_first(team: Team, run: str) -> None:
    """DEFECT: a version gets the crown before it gets the traffic, and the next look tries the one before it."""
    if (champion := team.registry.champion()) and champion.version == "2":
        looked(GOOD)(team, run)
    elif team.registry.crown("2", "1"):
        team.endpoint.share({"2": 100})


@pytest.mark.parametrize(
    ("team", "name", "defect"),
    [
        ("stand-ins", "the way back from a trial", decided_anew),
        ("Google's clients", "the way back from a trial", decided_anew),
        ("stand-ins", "a canary that did well", crowned_first),
    ],
    indirect=["team"],
)
def test_what_does_not_come_to_the_same_end_is_found(
    name: str, team: Any, defect: Callable[[Team, str], object]
) -> None:
    assert unhealed(team, (CASES[name][0], defect))
