"""Builds of an installation in the sandbox: an event, an approval, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cloudbuild.pipelines import Pipeline
from cloudbuild.pipelines import read as read_pipelines
from operations.builds import duties, events
from operations.builds.desk import Desk, sandbox_desk
from operations.outcome import Exit, OperationFailed
from operations.target import home_of
from sandbox import redirect
from settings.loading import names_of, read
from settings.model import Installation
from settings.problems import InvalidSettings, Problem, suggestion

if TYPE_CHECKING:
    from google.cloud.devtools.cloudbuild_v1 import Build

Line = Callable[[str], None]


@dataclass(frozen=True)
class Told:
    """An event as a person tells it; `base` None takes the branch of the settings, `trigger` None any that listens.

    `repository` None takes the one on the sandbox's Git host, and its branch where there is no `ref`.
    """

    pipeline: str
    event: str
    ref: str | None
    repository: Path | None
    base: str | None
    team: str | None
    trigger: str | None
    attributes: Sequence[str]
    person: str | None


def run_event(settings: Path, root: Path, told: Told, line: Line) -> list[Build]:
    """Tell the sandbox's Cloud Build of it and run what starts; InvalidSettings where something is misspelt."""
    it = read(settings)
    pipeline = _pipeline(told.pipeline)
    if pipeline.per_team and told.team not in it.teams:
        way_out = f"name one with --team: {', '.join(it.teams)}"
        raise InvalidSettings([Problem("team", f"'{told.team or ''}' is none", way_out)])
    base = told.base or str(getattr(it.organization.repositories, _branch(pipeline)))
    kind = cast(events.Kind, told.event)
    where = told.repository or _on_the_host(it, root, pipeline, told.team)
    event = events.read(kind, where, told.ref or base, base, _attributes(told.attributes))
    with _desk(settings, root, told.repository, told.person, line) as desk:
        return desk.run(told.pipeline, pipeline, event, trigger=told.trigger, team=told.team)


def _on_the_host(it: Installation, root: Path, pipeline: Pipeline, team: str | None) -> Path:
    key = next(iter(pipeline.triggers.values())).repository
    name = it.teams[team].repository if team else str(getattr(it.organization.repositories, key))
    found = home_of("sandbox", root) / "git" / f"{name}.git"
    if not found.is_dir():
        way_out = "bring it there with 'blueprint pull open', or name a folder with --repository"
        raise InvalidSettings([Problem(name, "is not on the sandbox's Git host", way_out)])
    return found


def waiting(settings: Path, root: Path, pipeline: str, person: str | None) -> list[Build]:
    """Builds that wait for an approval in the build project of this pipeline."""
    with _desk(settings, root, root, person, lambda _: None) as desk:
        return desk.waiting(_pipeline(pipeline).place)


def decide(
    settings: Path,
    root: Path,
    pipeline: str,
    build: str | None,
    repository: Path | None,
    person: str | None,
    approve: bool,
    comment: str,
    line: Line,
) -> Build:
    """Approve or reject a build, or the one that waits; an approved build runs here at once."""
    place = _pipeline(pipeline).place
    with _desk(settings, root, repository, person, line) as desk:
        return desk.decide(place, build or _only(pipeline, desk.waiting(place)), approve=approve, comment=comment)


def _only(pipeline: str, waiting: Sequence[Build]) -> str:
    if len(waiting) != 1:
        text, way_out = "no build waits for an approval", "start one: 'blueprint build list' says how"
        if waiting:
            text, way_out = f"{len(waiting)} builds wait for an approval", "name one of 'blueprint build approvals'"
        raise OperationFailed(pipeline, text, way_out, code=Exit.BAD_INPUT)
    return str(waiting[0].id)


def separate(settings: Path, pipeline: str, build: str, repository: Path, commit: str) -> str:
    """The approver of a running build, who wrote none of the change; a step of a build asks this."""
    desk = Desk(names_of(read(settings)))
    return duties.check(desk, _pipeline(pipeline).place, build, repository, commit)


@contextmanager
def _desk(settings: Path, root: Path, repository: Path | None, person: str | None, line: Line) -> Iterator[Desk]:
    principal = f"user:{person}" if person else redirect.OPERATOR
    with sandbox_desk(root, settings, repository, principal, line) as desk:
        yield desk


def _pipeline(key: str) -> Pipeline:
    pipelines = read_pipelines()
    if key not in pipelines:
        way_out = suggestion(key, pipelines, f"there are {', '.join(pipelines)}")
        raise InvalidSettings([Problem("pipeline", f"no pipeline '{key}'", way_out)])
    return pipelines[key]


def _branch(pipeline: Pipeline) -> str:
    return next(iter(pipeline.triggers.values())).branch


def _attributes(pairs: Sequence[str]) -> dict[str, str]:
    out: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise OperationFailed(pair, "is no attribute", "write it as KEY=VALUE", code=Exit.BAD_INPUT)
        out[key] = value
    return out
