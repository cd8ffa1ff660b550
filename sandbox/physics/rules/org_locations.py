"""gcp.resourceLocations: a resource may lie only where the organization policy allows."""

from sandbox import facts
from sandbox.physics.change import Change, violates
from sandbox.physics.places import place_of
from sandbox.physics.policies import in_force, node_of
from sandbox.physics.services import service_of
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create",)
CONSTRAINT = "gcp.resourceLocations"


def check(change: Change, world: World) -> None:
    name, place = place_of(change)
    if not place or service_of(change.type).partition(".")[0] not in facts.table("locations")["services"]:
        return
    for section in ("spec", "dry_run_spec"):
        policy = in_force(CONSTRAINT, node_of(change), world, section=section)
        if policy.deny_all or (policy.allowed and not _in(place, policy.allowed)) or _in(place, policy.denied):
            world.object(
                violates(CONSTRAINT, node_of(change), f"location {place} is not allowed", path=(name,)), section
            )


def _in(place: str, values: list[str]) -> bool:
    groups = facts.table("locations")["groups"]
    plain = [value.removeprefix("in:").removeprefix("is:") for value in values]
    return place in plain or any(place in groups.get(value, ()) for value in plain)
