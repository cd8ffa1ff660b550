"""A model version on its way to production and back: the same bytes, with the evidence, on somebody's word."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from groups.personas import read as read_personas
from operations.outcome import Exit, OperationFailed
from operations.pipeline_runs import Told, record, start
from pipelines.artifacts import Report
from pipelines.execute import Run
from pipelines.flow import read_flow
from pipelines.gate import Verdict
from pipelines.place import Place
from pipelines.release import Release
from pipelines.services import endpoints, registry
from pipelines.services.ledger import Ledger
from pipelines.steps.deploy import ENOUGH, after
from settings.loading import read
from settings.model import Installation

PIPELINE = "operational"


def evidence(place: Place, run: str) -> Report:
    """The record of a run that has passed. OperationFailed (a gate says no) for any other."""
    found = record(place, run)
    if found.get("verdict") != Verdict.PASS.name:
        reason = f"the run did not pass ({found.get('verdict', found['status'])})"
        raise OperationFailed(f"run {run}", reason, "promote a run that has passed", code=Exit.REFUSED)
    return found


def approver(installation: Installation, person: str, found: Report) -> str:
    """A person who may approve this run's model: of a persona that approves, and not who started the run."""
    approving = [key for key, persona in read_personas().items() if PIPELINE in persona.approves]
    known = {member for key in approving for member in installation.organization.members.get(key, [])}
    if person not in known:
        way_out = f"ask one of {', '.join(approving)}: {', '.join(sorted(known))}"
        raise OperationFailed(person, "does not approve models", way_out, code=Exit.REFUSED)
    if person == found.get("by"):
        raise OperationFailed(person, "has started this run", "ask another approver", code=Exit.REFUSED)
    return person


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
    endpoint, known = endpoints.at(place, flow), registry.at(place)
    champion, now = known.champion(), endpoint.traffic()
    if champion is None:
        raise OperationFailed("rollback", "there is no champion to go back to", "promote a version first")
    target = champion.version
    if set(now) == {champion.version}:
        older = [v.version for v in known.versions() if int(v.version) < int(champion.version)]
        if not older:
            raise OperationFailed("rollback", "there is no version before this one", "promote another version")
        target = older[-1]
    endpoint.deploy(target, {target: 100})
    if target != champion.version and not known.crown(target, champion.version):
        raise OperationFailed("rollback", "another version became champion meanwhile", "look again")
    return {"from": now, "to": {target: 100}}


def conclude(place: Place, observed: Report) -> Report:
    """What becomes of the canary after what it did: widened and crowned, taken back, or left alone for now."""
    flow = read_flow(place.team)
    endpoint, known = endpoints.at(place, flow), registry.at(place)
    champion, now = known.champion(), endpoint.traffic()
    candidates = [version for version in now if champion is None or version != champion.version]
    if not candidates:
        raise OperationFailed("canary", "no version is on trial", "promote one first")
    version = candidates[0]
    rule = {"error_ratio": place.error_ratio, "requests": ENOUGH, "minutes": flow.serving.canary_minutes}
    found = after(observed, rule)
    if found == "roll back":
        return {"decision": found, **rollback(place)}
    if found == "widen":
        if not known.crown(version, champion.version if champion else None):
            raise OperationFailed("canary", "another version became champion meanwhile", "look again")
        endpoint.share({version: 100})
    return {"decision": found, "from": now, "to": endpoint.traffic()}


def alerts(place: Place) -> list[Report]:
    """Alerts about features that have moved."""
    kept = Ledger(place, "alerts")
    return [found for name in kept.names() if (found := kept.get(name))]
