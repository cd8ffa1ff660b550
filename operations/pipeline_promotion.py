"""A model version on its way to production and back: the same bytes, with the evidence, on somebody's word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from groups.personas import read as read_personas
from operations.outcome import Exit, OperationFailed
from operations.pipeline_results import run_of
from operations.pipeline_runs import Told, start
from pipelines.artifacts import Report
from pipelines.execute import Run
from pipelines.flow import read_flow
from pipelines.gate import Verdict
from pipelines.place import Place
from pipelines.release import Refused, Release
from pipelines.services import endpoints, monitoring, registry
from pipelines.steps.conclude import concluded, sentence
from pipelines.steps.roll_back import carried_out, plan
from settings.loading import read
from settings.model import Installation

PIPELINE = "operational"


def evidence(place: Place, run: str) -> Report:
    """The record of a run that has passed. OperationFailed (a gate says no) for any other."""
    found = run_of(place, run)
    if found["status"] != "done" or found.get("verdict") != Verdict.PASS.name:
        reason = f"the run did not pass ({found['status']}, {found.get('verdict') or 'no verdict'})"
        raise OperationFailed(f"run {run}", reason, "promote a run that has passed to its end", code=Exit.REFUSED)
    return found


def approver(installation: Installation, person: str, found: Report) -> str:
    """A person who may approve this run's model: of a persona that approves, and none of who started the run."""
    approving(installation, person)
    if person.casefold() in {str(one).casefold() for one in (found.get("by"), *found.get("also_by", []))}:
        raise OperationFailed(person, "has started this run", "ask another approver", code=Exit.REFUSED)
    return person


def approving(installation: Installation, person: str) -> None:
    """OperationFailed (a gate says no) where nobody of this person's personas approves models."""
    personas = [key for key, persona in read_personas().items() if PIPELINE in persona.approves]
    known = {member for key in personas for member in installation.organization.members.get(key, [])}
    if person.casefold() not in {one.casefold() for one in known}:
        way_out = f"ask one of {', '.join(personas)}: {', '.join(sorted(known))}"
        raise OperationFailed(person, "does not approve models", way_out, code=Exit.REFUSED)


def approved(settings: Path, source: Place, run: str, person: str) -> str:
    """The person, if this run has passed and the person may approve it."""
    return approver(read(settings), person, evidence(source, run))


def promotion(source: Place, target: Place, found: Report, *, approved_by: str) -> Run:
    """The run that promotes the model of a passing run, in place of the champion that production has now."""
    champion = registry.at(target).champion()
    release = Release(
        run=found["run"],
        commit=found["commit"],
        version=found["version"]["version"],
        digest=found["version"]["digest"],
        metrics=found["metrics"],
        approved_by=approved_by,
        expected=champion.version if champion else None,
        source=source,
    )
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-promotion"
    return Run(name, target, {}, found["commit"], release=release)


def promote(source: Place, target: Place, run: str, *, approved_by: str, report: Told) -> Report:
    """Brings the version that a run has registered from nonproduction to production, in this process."""
    it = promotion(source, target, evidence(source, run), approved_by=approved_by)
    done: Report = start(it, "inprocess", report, by=approved_by)["promotion"]
    return done


def rollback(place: Place) -> Report:
    """All traffic back to the champion; where it has all of it, to the version that was champion before."""
    flow = read_flow(place.team)
    with _refusing():
        known, endpoint = registry.at(place), endpoints.at(place, flow)
        return carried_out(plan(known, endpoint), known, endpoint, monitoring.at(place, flow))


@contextmanager
def _refusing() -> Iterator[None]:
    """What a step refuses is what a gate says no to."""
    try:
        yield
    except Refused as error:
        (problem,) = error.problems
        raise OperationFailed(problem.place, problem.text, problem.way_out, code=Exit.REFUSED) from None


def conclude(place: Place, told: Report | None = None) -> Report:
    """What becomes of the canary after what it did: widened and crowned, taken back, or left alone for now.

    What it did is what its endpoint has counted, unless somebody tells it.
    """
    flow = read_flow(place.team)
    with _refusing():
        found = concluded(flow, registry.at(place), endpoints.at(place, flow), monitoring.at(place, flow), told)
    if found["version"] is None:
        raise OperationFailed("canary", "no version is on trial", "promote one first")
    return found | {"says": sentence(found)}
