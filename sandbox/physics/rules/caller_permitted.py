"""Whoever changes something needs Google's permission for it there, and may not be denied it.

It is asked of service accounts that Terraform acts as: the account that a provider block impersonates, or the deployer
of an order. A person at this computer may do everything. Who makes a project owns it, as at Google. A grant that cannot
be judged, of an unknown role or under a condition that is not understood, permits nothing.
"""

from collections.abc import Iterable

from sandbox.iam import Answer, Decision, Held, Policies, decide
from sandbox.iam.places import MANAGER
from sandbox.iam.policies import CALLERS, GROUPS
from sandbox.physics.accounts import account_exists
from sandbox.physics.callers import Demand, demands
from sandbox.physics.change import Broken, Change, forbidden, missing
from sandbox.physics.world import World
from sandbox.store import MEMBER

TYPES = None
ACTIONS = ("create", "update", "delete")
RANK = 3


def check(change: Change, world: World) -> None:
    if not change.caller:
        return
    email = change.caller.partition(":")[2]
    if not account_exists(email, world):
        raise missing(f"Service account {email}", way_out="Make it before: nobody can act as what does not exist.")
    policies = policies_of(change.caller, world)
    for demand in demands(change, world):
        decision = decided(policies, change.caller, demand, world)
        if not decision.allowed:
            raise _refused(change.caller, demand, decision)


def decided(policies: Policies, caller: str, demand: Demand, world: World) -> Decision:
    """What IAM says to the caller; where no grant surely says yes, owners may."""
    decision = decide(policies, caller, demand.permission, demand.resource, demand.context)
    above = policies.places.above(policies.places.plain(demand.resource))
    if decision.kind in ("none", "unknown") and any(_owned(place, caller, world) for place in above):
        return Decision(Answer.YES, f"{caller} made the project", kind="owner")
    return decision


def _owned(place: str, caller: str, world: World) -> bool:
    project = place.removeprefix(f"{MANAGER}projects/")
    return project != place and world.creator(project) == caller


def policies_of(caller: str, world: World) -> Policies:
    """All that is granted to the caller, and what decides beside it."""
    names: frozenset[str] = world.remembered(
        ("names", caller), GROUPS, lambda: _found(GROUPS, (), world).groups.identities(caller)
    )
    types = (*CALLERS, MEMBER, *(f"{MEMBER} {name}" for name in names))
    found: Policies = world.remembered(("granted to", caller), types, lambda: _found(CALLERS, names, world))
    return found


def _found(types: Iterable[str], members: Iterable[str], world: World) -> Policies:
    """Everything of some types, and what is granted to some members."""
    beside = [Held(f"{type_} {id_}", type_, values) for type_ in types for id_, values in world.store.find(type_)]
    granted = [
        Held(f"{type_} {id_}", type_, values) for name in members for type_, id_, values in world.store.granted_to(name)
    ]
    return Policies([*beside, *granted])


def _refused(caller: str, demand: Demand, decision: Decision) -> Broken:
    message = f"Permission '{demand.permission}' denied on resource '{demand.resource}' (or it may not exist)."
    hint = f"Grant {caller} a role with it there before, or depend on the grant; {decision.why}."
    return forbidden(message, "IAM_PERMISSION_DENIED", way_out=hint)
