"""Takes a version out of use for good: it stays in Model Registry, marked with who said so, when and why."""

from __future__ import annotations

from typing import NamedTuple

from pipelines.artifacts import Report
from pipelines.release import Refused, Retirement
from pipelines.services.endpoints import Endpoint
from pipelines.services.registry import Registry
from pipelines.services.turn import Turn
from settings.problems import InvalidSettings, Problem


class Made(NamedTuple):
    retirement: Report


def run(*, release: Retirement, registry: Registry, endpoint: Endpoint, turn: Turn) -> Made:
    """The record of it. Refused for the champion and for a version that still answers requests."""
    place = f"version {release.retire}"
    with turn.taken():
        known = {one.version: one for one in registry.versions()}
        if release.retire not in known:
            there = f"there are {', '.join(known)}" if known else "no model is registered yet"
            raise InvalidSettings([Problem(place, "is not registered", there)])
        champion, share = registry.champion(), endpoint.traffic().get(release.retire)
        if share and not (champion and champion.version == release.retire):
            raise Refused([Problem(place, f"answers {share} % of the requests", "conclude its canary first")])
        if not registry.retire(release.retire, f"{release.on} by {release.approved_by}: {release.why}"):
            raise Refused([Problem(place, "is the champion", "promote another one first")])
        (kept,) = [one for one in registry.versions() if one.version == release.retire]
    facts = {"version": kept.version, "digest": kept.digest, "run": kept.run, "retired": kept.retired}
    return Made(release.record() | facts)
