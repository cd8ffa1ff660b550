"""A model version on its way to production and back: the same bytes, with the evidence, on somebody's word."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

from operations.outcome import Exit, OperationFailed
from operations.pipeline_runs import record
from pipelines.artifacts import Report, file_digest, write_json, write_whole
from pipelines.flow import read_flow
from pipelines.gate import Verdict
from pipelines.place import Place
from pipelines.services import endpoints, registry
from pipelines.services.ledger import Ledger
from pipelines.steps.deploy import after, canary


def promote(source: Place, target: Place, run: str, *, approved_by: str, expected: str | None) -> Report:
    """Brings the version that a run has registered from nonproduction to production, as a canary beside the champion.

    Refused without a passing run, for other bytes than those that passed, and where production's champion is not the
    `expected` one any more: somebody else was faster.
    """
    found = record(source, run)
    if found.get("verdict") != Verdict.PASS.name:
        reason = f"the run did not pass ({found.get('verdict', found['status'])})"
        raise OperationFailed(f"run {run}", reason, "promote a run that has passed", code=Exit.REFUSED)
    version = next(v for v in registry.at(source).versions() if v.version == found["version"]["version"])
    _same_bytes(source, version.uri, version.digest)
    there = registry.at(target)
    champion = there.champion()
    if (champion.version if champion else None) != expected:
        now = champion.version if champion else "none"
        raise OperationFailed(
            "promotion", f"production's champion is {now}, not {expected or 'none'}", "look again", code=Exit.REFUSED
        )
    uri = f"gs://{target.bucket}/runs/{run}/promotion/model.pickle"
    write_whole(target.file(uri), lambda to: shutil.copyfile(source.file(version.uri), to))
    made = there.upload(uri, version.digest, run, version.card)
    flow = read_flow(target.team)
    if expected is None and not there.crown(made.version, None):
        raise OperationFailed("promotion", "another version became champion meanwhile", "look again", code=Exit.REFUSED)
    traffic = canary(expected, made.version, flow.serving.canary_percent)
    endpoints.at(target, flow).deploy(made.version, traffic)
    approval = {
        "run": run,
        "version": made.version,
        "from": {"project": source.project, "version": version.version},
        "digest": made.digest,
        "decision": version.card["decision"]["verdict"],
        "approved_by": approved_by,
        "approved": datetime.now(UTC).isoformat(timespec="seconds"),
        "traffic": traffic,
    }
    write_json(target.file(f"gs://{target.bucket}/runs/{run}/promotion/approval.json"), approval)
    return approval


def _same_bytes(place: Place, uri: str, digest: str) -> None:
    if file_digest(place.file(uri)) != digest:
        what = "its bytes are not those that passed"
        raise OperationFailed(uri, what, "train and evaluate again", code=Exit.REFUSED)


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
    rule = {"error_ratio": place.error_ratio, "requests": 100, "minutes": flow.serving.canary_minutes}
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
