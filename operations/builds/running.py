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


@contextmanager
def opened(
    target: str, settings: Path, root: Path, repository: Path | None, person: str | None, line: Line
) -> Iterator[Desk]:
    """The desk of the sandbox, as a person and with a repository, or of Google, as who is logged in there."""
    if target == "sandbox":
        with _desk(settings, root, repository, person, line) as desk:
            yield desk
        return
    for option, told in (("--as", person), ("--repository", repository)):
        if told:
            way_out = "leave it out: Google knows who is logged in, and where the repository is"
            raise OperationFailed(option, "is for the sandbox", way_out, code=Exit.BAD_INPUT)
    yield Desk(names_of(read(settings)))


def waiting(desk: Desk, pipeline: str) -> list[Build]:
    """Builds of this pipeline that wait for an approval."""
    return of_pipeline(pipeline, desk.waiting(_pipeline(pipeline).place))


def decide(desk: Desk, pipeline: str, build: str | None, trigger: str | None, *, approve: bool, comment: str) -> Build:
    """Approve or reject a build, or the one that waits; an approved build as it ended."""
    wanted = build or the_one(pipeline, trigger, waiting(desk, pipeline))
    return desk.decide(_pipeline(pipeline).place, wanted, approve=approve, comment=comment)


def of_pipeline(pipeline: str, waiting: Sequence[Build]) -> list[Build]:
    """Two pipelines may share a build project, and nobody approves one for the other."""
    return [one for one in waiting if trigger_of(one).startswith(f"{pipeline}-")]


def the_one(pipeline: str, trigger: str | None, waiting: Sequence[Build]) -> str:
    """The build that is meant. OperationFailed where it is none, or several."""
    if trigger:
        waiting = [one for one in waiting if trigger_of(one) in (trigger, f"{pipeline}-{trigger}")]
    if len(waiting) != 1:
        text, way_out = "no build waits for an approval", "start one: 'blueprint build list' says how"
        if waiting:
            text = f"{len(waiting)} builds wait for an approval"
            way_out = "name one of 'blueprint build approvals', or its --trigger"
        raise OperationFailed(pipeline, text, way_out, code=Exit.BAD_INPUT)
    return str(waiting[0].id)


def trigger_of(build: Build) -> str:
    """What started a build, as `blueprint build list` calls it after its pipeline."""
    return str(build.substitutions.get("TRIGGER_NAME", ""))


def separate(settings: Path, pipeline: str, build: str, repository: Path, commit: str) -> str:
    """The approver of a running build, who wrote none of what it brings in; a step of a build asks this."""
    desk = Desk(names_of(read(settings)))
    return duties.check_all(desk, _pipeline(pipeline).place, build, repository, commit)


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
