"""A protected service is reached across a perimeter only by a rule or an access level; a dry run only logs.

It is asked of service accounts that Terraform acts as, from where the change says that they call. The configuration of
perimeters is itself never inside one.
"""

from collections.abc import Iterable, Iterator

from sandbox import violations
from sandbox.iam import Held, Policies
from sandbox.iam.perimeters import PREFIX, Perimeters
from sandbox.iam.policies import CUSTOM_ROLES
from sandbox.physics.callers import demands
from sandbox.physics.change import Change, forbidden
from sandbox.physics.rules.caller_permitted import policies_of
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update", "delete")
RANK = 4
_RULES = tuple(f"{dry_run}{way}_policy" for dry_run in ("", "dry_run_") for way in ("ingress", "egress"))
_PARTS = ("", "_resource", "_dry_run_resource", *(f"_{rule}" for rule in _RULES))
_KNOWN = (f"{PREFIX}access_level", *(f"{PREFIX}service_perimeter{part}" for part in _PARTS))
_NAMES = (*CUSTOM_ROLES, "google_project")


def check(change: Change, world: World) -> None:
    if not change.caller or change.type.startswith(PREFIX):
        return
    perimeters: Perimeters = world.remembered(("perimeters",), (*_KNOWN, *_NAMES), lambda: _found(world))
    if not any(half.members for half in perimeters.halves):
        return
    policies = policies_of(change.caller, world)
    identities = policies.groups.identities(change.caller)
    for demand in demands(change, world):
        about = policies.places.plain(demand.resource)
        refusal = perimeters.refusal(identities, demand.permission, about, change.origin, policies.places)
        if refusal is None:
            continue
        id_ = violations.note(world.store, refusal, change.caller, change.origin, demand.permission, about)
        if not refusal.dry_run:
            message = f"Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: {id_}"
            raise forbidden(message, "SECURITY_POLICY_VIOLATED", way_out=f"{refusal}.")
        world.logged.append(f"dry run: {refusal}")


def _found(world: World) -> Perimeters:
    policies = Policies(_held(_NAMES, world))
    return Perimeters.of(_held(_KNOWN, world), policies.permissions, policies.places.project)


def _held(types: Iterable[str], world: World) -> Iterator[Held]:
    return (Held(id_, type_, values) for type_ in types for id_, values in world.store.find(type_))
