"""Concludes a canary by its rule: all traffic and the crown, back to the champion, or left alone for now."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pipelines.artifacts import Report
from pipelines.flow import FAILED, Canary, Flow
from pipelines.gate import Judgement, Verdict, judge_shares
from pipelines.release import Refused
from pipelines.services.endpoints import Endpoint
from pipelines.services.monitoring import Monitor
from pipelines.services.registry import Registry
from pipelines.steps.roll_back import carried_out
from settings.problems import Problem


class Made(NamedTuple):
    canary: Report


def run(*, flow: Flow, registry: Registry, endpoint: Endpoint, monitor: Monitor) -> Made:
    """What became of the canary. To wait is no failure, and nor is that there is none."""
    found = concluded(flow, registry, endpoint, monitor)
    print(sentence(found))
    return Made(found)


def concluded(
    flow: Flow, registry: Registry, endpoint: Endpoint, monitor: Monitor, told: Report | None = None
) -> Report:
    """What it did is what its endpoint has counted, unless it is told. Without a version on trial, only the traffic.

    Who has all the traffic gets the crown: a first version has nothing to be compared with, and of any other this was
    decided by somebody who died before the crown. Every change moves the traffic first. Whoever has retired meanwhile
    answers no longer.
    """
    champion, now = registry.champion(), endpoint.traffic()
    candidates = [version for version in now if champion is None or version != champion.version]
    if not candidates:
        endpoint.tidy()
        return {"version": None, "decision": "nothing", "to": now}
    version, rule = max(candidates, key=now.__getitem__), flow.serving.canary
    if champion and any(one.version == version and one.retired for one in registry.versions()):
        gone = {"version": version, "decision": "roll back", "reasons": ["it has retired"]}
        return gone | carried_out({"from": now, "to": {champion.version: 100}}, registry, endpoint, monitor)
    if champion is None or now == {version: 100}:
        endpoint.share(now)
        _crown(registry, version, champion.version if champion else None)
        reason = "it has all the traffic" if champion else "there was no champion"
        return {"version": version, "decision": "crown", "reasons": [reason], "to": now}
    observed = told or endpoint.observed(version, champion.version)
    judged = judged_by(rule, observed)
    found = after(judged, observed["minutes"], rule)
    facts = {"version": version, "decision": found, "observed": observed, "rule": rule.model_dump()}
    facts["reasons"] = judged.reasons
    if found == "roll back":
        return facts | carried_out({"from": now, "to": {champion.version: 100}}, registry, endpoint, monitor)
    if found == "widen":
        endpoint.share({version: 100})
        _crown(registry, version, champion.version)
    return facts | {"from": now, "to": endpoint.traffic()}


def _crown(registry: Registry, version: str, expected: str | None) -> None:
    if not registry.crown(version, expected):
        raise Refused([Problem("canary", "another version became champion meanwhile", "look again")])


def judged_by(rule: Canary, observed: Report) -> Judgement:
    """The gate on what failed of the canary's requests, against what failed of the champion's meanwhile."""
    candidate, champion = ({FAILED: (it["errors"], it["requests"])} for it in (observed, observed["champion"]))
    return judge_shares(rule.gate, candidate=candidate, reference=champion, place="canary")


def after(judged: Judgement, minutes: int, rule: Canary) -> Literal["widen", "roll back", "wait"]:
    """What follows: it is taken back as soon as it was shown to be worse, and widened when it was not and had its time.

    Where neither was shown in all the time that it may have, it is taken back.
    """
    if judged.verdict is Verdict.PASS and minutes >= rule.minutes:
        return "widen"
    return "roll back" if judged.verdict is Verdict.FAIL or minutes >= rule.at_most_minutes else "wait"


def sentence(found: Report) -> str:
    """The same for people."""
    if found["version"] is None:
        return f"no version is on trial: traffic {found['to']}"
    told = "nothing was compared"
    if did := found.get("observed"):
        beside = "{errors} of {requests} of the champion's".format(**did["champion"])
        told = f"{did['errors']} of {did['requests']} failed in {did['minutes']} minutes, beside {beside}"
    reasons = "; ".join(found["reasons"])
    return f"version {found['version']}: {told}\n{reasons}\n{found['decision']}: traffic {found['to']}"
