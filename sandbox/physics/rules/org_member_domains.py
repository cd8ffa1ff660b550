"""iam.allowedPolicyMemberDomains: only members of the allowed customers and organizations can be granted anything."""

from sandbox.physics.change import Change, unmet
from sandbox.physics.members import members
from sandbox.physics.policies import in_force, node_of_grant
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")
CONSTRAINT = "iam.allowedPolicyMemberDomains"


def check(change: Change, world: World) -> None:
    for place, member in members(change):
        if _is_own(member, world):
            continue
        for section in ("spec", "dry_run_spec"):
            policy = in_force(CONSTRAINT, node_of_grant(change, world), world, section=section)
            if not policy.empty:
                message = "One or more users named in the policy do not belong to a permitted customer."
                hint = f"{member} is of no allowed domain ({CONSTRAINT})."
                world.object(unmet(message, path=place, way_out=hint), section)


def _is_own(member: str, world: World) -> bool:
    """People and groups by the domains of the groups that exist; accounts and pools count as the organization's."""
    kind, _, name = member.partition(":")
    if kind in ("allUsers", "allAuthenticatedUsers"):
        return False
    if kind not in ("user", "group", "domain"):
        return True
    domains = {address.rpartition("@")[2] for address in world.groups}
    return not domains or name.rpartition("@")[2].lower() in domains
