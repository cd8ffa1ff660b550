"""Whom a role is granted to must exist: the group, the service account, the pool of identities."""

import re

from sandbox.physics.accounts import account_exists, agent_of
from sandbox.physics.change import Change, invalid
from sandbox.physics.members import members
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")

_POOL = re.compile(
    r"principal(?:Set)?://iam\.googleapis\.com/(projects/[^/]+/locations/global/workloadIdentityPools/[^/]+)/"
)


def check(change: Change, world: World) -> None:
    for place, member in members(change):
        kind, _, name = member.partition(":")
        if kind == "group" and name.lower() not in world.groups:
            raise invalid(f"Group {name} does not exist.", path=place, way_out="Make the group before.")
        if kind == "serviceAccount" and agent_of(name) is None and not account_exists(name, world):
            hint = "Make the account before; depend on it."
            raise invalid(f"Service account {name} does not exist.", path=place, way_out=hint)
        pool = _POOL.match(member)
        if pool and world.named(pool[1]):
            hint = "Make the workload identity pool before; depend on it."
            raise invalid(f"Identity Pool does not exist ({pool[1]}).", path=place, way_out=hint)
