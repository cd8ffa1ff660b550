"""Versions of a team's model from their registration to their retirement, as Model Registry has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from operations.builds import duties
from operations.builds.desk import Desk
from operations.outcome import OperationFailed
from operations.pipeline_places import commit_here
from operations.pipeline_promotion import approving
from operations.pipeline_release import DELIVERY
from operations.pipeline_runs import Told, start
from operations.pipeline_submit import submit
from operations.pipeline_versions import published
from pipelines.artifacts import Report
from pipelines.execute import Run
from pipelines.flow import read_flow
from pipelines.place import Place
from pipelines.release import Decision, Retirement, Rollback
from pipelines.services import endpoints, registry
from pipelines.services.registry import CANDIDATE, CHAMPION, RETIRED
from settings.loading import names_of, read
from settings.problems import InvalidSettings, Problem

IDLE = "registered"
"""Neither champion nor candidate any more, and not retired: what one can go back to."""


def models(place: Place) -> list[Report]:
    """Every version, oldest first: its state, what it answers, its aliases, and where it comes from."""
    traffic = endpoints.at(place, read_flow(place.team)).traffic()
    return [
        {
            "version": one.version,
            "state": next((it for it in (CHAMPION, CANDIDATE) if it in one.aliases), RETIRED if one.retired else IDLE),
            "traffic": traffic.get(one.version, 0),
            "aliases": list(one.aliases),
            "run": one.run,
            "digest": one.digest,
            "retired": one.retired,
        }
        for one in registry.at(place).versions()
    ]


def retire(place: Place, version: str, why: str, *, approved_by: str, report: Told) -> Report:
    """Takes a version out of use on somebody's word, in this process."""
    decision = Retirement(retire=version, why=reason(why), approved_by=approved_by, on=today())
    done: Report = start(_run(place, decision, commit_here()), "inprocess", report, by=approved_by)["retirement"]
    return done


def retire_by_build(settings: Path, place: Place, version: str, why: str, build: str, report: Told) -> Report:
    """The same by the environment's orchestrator."""
    decided = partial(Retirement, retire=version, why=reason(why), on=today())
    done: Report = _by_build(settings, place, "retirement", decided, build, report)
    return done


def roll_back_by_build(settings: Path, place: Place, why: str, build: str, report: Told) -> Report:
    """Goes back to the champion, or to the one before, by the environment's orchestrator."""
    return _by_build(settings, place, "rollback", partial(Rollback, roll_back=reason(why), on=today()), build, report)


def approver(settings: Path, person: str) -> str:
    """The person, if it is one who approves models."""
    approving(read(settings), person)
    return person


def reason(why: str) -> str:
    """Words for the record, if there are enough of them and not too many."""
    if not 10 <= len(why) <= 300:
        raise InvalidSettings([Problem("--why", f"has {len(why)} characters", "write 10 to 300")])
    return why


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _by_build(
    settings: Path, place: Place, pipeline: str, decided: Callable[..., Decision], build: str, report: Told
) -> Report:
    """What was decided, done with the definitions that the environment ran last.

    Who approved is asked of Cloud Build, which holds the running build until a data engineer does.
    """
    able = [one for one in published(place) if any(f"-{pipeline}" in name for name in one.files)]
    if not able:
        raise OperationFailed(place.project, "has no published pipelines", "publish or release them first")
    approved_by = duties.check(Desk(names_of(read(settings))), DELIVERY, build, Path.cwd(), able[0].commit)
    run = _run(place, decided(approved_by=approved_by), able[0].commit)
    done: Report = submit(run, able[0].version, report, by=approved_by)[pipeline]
    return done


def _run(place: Place, decision: Decision, commit: str) -> Run:
    made = Run("", place, {}, commit, release=decision)
    return replace(made, name=f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{made.pipeline}")
