"""Brings a version that has passed to the endpoint and crowns it: nobody asks there, so no canary could show more."""

from __future__ import annotations

from typing import NamedTuple

from pipelines.artifacts import Report
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.release import Refused
from pipelines.services.endpoints import Endpoint, Traffic
from pipelines.services.registry import Registry
from pipelines.steps.evaluate import PRIOR
from settings.problems import Problem


class Made(NamedTuple):
    deployment: Report


def run(*, version: Report, decision: Report, flow: Flow, place: Place, endpoint: Endpoint, registry: Registry) -> Made:
    """The endpoint's traffic afterwards, and the rule by which production takes a canary back.

    The next candidate is compared with this one. Refused where the champion is not the one that it was compared with.
    """
    number = version["version"]
    compared = None if decision["reference"] == PRIOR else decision["reference"]
    if not registry.crown(number, compared):
        raise Refused([Problem("deployment", "another version became champion meanwhile", "evaluate again")])
    endpoint.deploy(number)
    endpoint.share({number: 100})
    facts = {"endpoint": place.endpoint, "traffic": {number: 100}, "rollback": flow.serving.canary.model_dump()}
    return Made(facts)


def canary(champion: str | None, version: str, percent: int) -> Traffic:
    """How traffic is divided between the champion and a new version."""
    return {version: 100} if champion in (None, version) else {str(champion): 100 - percent, version: percent}
