"""Goes back: all traffic to the champion; where it has all of it, to the version that was champion before."""

from __future__ import annotations

from typing import NamedTuple

from pipelines.artifacts import Report, load, write_json
from pipelines.place import Place
from pipelines.release import Refused, Rollback
from pipelines.services.endpoints import Endpoint
from pipelines.services.monitoring import Monitor
from pipelines.services.registry import Registry
from settings.problems import Problem


class Made(NamedTuple):
    rollback: Report


def run(*, release: Rollback, run: str, place: Place, registry: Registry, endpoint: Endpoint, monitor: Monitor) -> Made:
    """The record of it. It waits for no turn: whoever promotes meanwhile finds another champion, and is refused.

    Where it goes is written down first: done again after a crash, it goes there and no further.
    """
    planned = place.file(place.uri(run, "roll_back", "plan.json"))
    if not planned.exists():
        write_json(planned, plan(registry, endpoint))
    return Made(release.record() | carried_out(load(dict, planned), registry, endpoint, monitor))


def plan(registry: Registry, endpoint: Endpoint) -> Report:
    """The traffic before and after. Refused where there is nothing to go back to."""
    champion, now = registry.champion(), endpoint.traffic()
    if champion is None:
        raise _refused("there is no champion to go back to", "promote a version first")
    known = [one for one in registry.versions() if one.crowned and not one.retired]
    target = champion.version
    if set(now) == {target}:
        older = [one.version for one in known if int(one.version) < int(target)]
        if not older:
            raise _refused("there is no version before this one", "promote another version")
        target = older[-1]
    elif alone := [one.version for one in known if set(now) == {one.version}]:
        target = alone[0]  # somebody went back to it, and died before the crown
    return {"from": now, "to": {target: 100}}


def carried_out(plan: Report, registry: Registry, endpoint: Endpoint, monitor: Monitor) -> Report:
    """The same plan, once the one version that it names answers, is the champion and is watched; what is so stays.

    Nobody goes back later to those that it goes back from.
    """
    (target,) = plan["to"]
    endpoint.deploy(target)
    endpoint.share(plan["to"])
    champion = registry.champion()
    for version in sorted({*plan["from"], *([champion.version] if champion else [])} - {target}):
        registry.uncrown(version)
    if not registry.crown(target, champion.version if champion else None):
        raise _refused("another version became champion meanwhile", "look again")
    monitor.again(target)
    return plan


def _refused(what: str, way_out: str) -> Refused:
    return Refused([Problem("rollback", what, way_out)])
