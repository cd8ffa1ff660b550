"""gcp.restrictCmekCryptoKeyProjects: keys may come only from the projects or folders that the policy allows."""

from sandbox.physics.change import Change, violates
from sandbox.physics.keys import keys_of
from sandbox.physics.policies import in_force, node_of, within
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")
CONSTRAINT = "gcp.restrictCmekCryptoKeyProjects"


def check(change: Change, world: World) -> None:
    for place, key in keys_of(change):
        home = "/".join(key.split("/")[:2])
        for section in ("spec", "dry_run_spec"):
            policy = in_force(CONSTRAINT, node_of(change), world, section=section)
            allowed = not policy.allowed or within(policy.allowed, home, world)
            if policy.deny_all or not allowed or (policy.denied and within(policy.denied, home, world)):
                why = f"keys of {home} are not allowed"
                world.object(violates(CONSTRAINT, node_of(change), why, path=place), section)
