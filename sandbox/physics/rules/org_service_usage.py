"""gcp.restrictServiceUsage: resources of a denied service cannot be made or used."""

from sandbox.physics.change import Change, violates
from sandbox.physics.policies import in_force, node_of
from sandbox.physics.services import service_of
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")
CONSTRAINT = "gcp.restrictServiceUsage"


def check(change: Change, world: World) -> None:
    service = change.text("service") if change.type == "google_project_service" else service_of(change.type)
    node = node_of(change)
    if not service or not node.startswith("projects/"):
        return
    for section in ("spec", "dry_run_spec"):
        policy = in_force(CONSTRAINT, node, world, section=section)
        if service in policy.denied or (policy.allowed and service not in policy.allowed):
            world.object(violates(CONSTRAINT, node, f"the service {service} must not be used"), section)
