"""Brings a registered version to the endpoint: a first one at once, a later one as a canary beside the champion."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pipelines.artifacts import Report
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services.endpoints import Endpoint, Traffic
from pipelines.services.registry import Registry

ENOUGH = 100
"""Requests that a canary has to have answered before anybody concludes anything from them."""


class Made(NamedTuple):
    deployment: Report


def run(*, version: Report, flow: Flow, place: Place, endpoint: Endpoint, registry: Registry) -> Made:
    """The endpoint's traffic afterwards, and the rule by which the canary is taken back."""
    champion = registry.champion()
    number = version["version"]
    traffic = canary(champion.version if champion else None, number, flow.serving.canary_percent)
    endpoint.deploy(number, traffic)
    if champion is None:
        registry.crown(number, None)
    rule = {"error_ratio": place.error_ratio, "requests": ENOUGH, "minutes": flow.serving.canary_minutes}
    return Made({"endpoint": place.endpoint, "traffic": traffic, "rollback": rule})


def canary(champion: str | None, version: str, percent: int) -> Traffic:
    """How traffic is divided between the champion and a new version."""
    return {version: 100} if champion in (None, version) else {str(champion): 100 - percent, version: percent}


def after(observed: Report, rule: Report) -> Literal["widen", "roll back", "wait"]:
    """What follows from what a canary did: `observed` has its requests, errors and minutes."""
    if observed["requests"] and observed["errors"] / observed["requests"] > rule["error_ratio"]:
        return "roll back"
    seen = observed["requests"] >= rule["requests"] and observed["minutes"] >= rule["minutes"]
    return "widen" if seen else "wait"
