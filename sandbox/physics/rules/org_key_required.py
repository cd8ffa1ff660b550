"""gcp.restrictNonCmekServices: what a denied service makes needs a customer-managed key."""

from sandbox import facts
from sandbox.physics.change import Change, Values, violates
from sandbox.physics.policies import in_force, node_of
from sandbox.physics.services import service_of
from sandbox.physics.world import World

TYPES = [type_ for types in facts.table("keys")["protected"].values() for type_ in types]
ACTIONS = ("create", "update")
CONSTRAINT = "gcp.restrictNonCmekServices"


def check(change: Change, world: World) -> None:
    service = service_of(change.type)
    attribute = facts.table("keys")["protected"][service][change.type]
    if _has(change.values, attribute.split(".")):
        return
    for section in ("spec", "dry_run_spec"):
        policy = in_force(CONSTRAINT, node_of(change), world, section=section)
        if service in [value.removeprefix("is:") for value in policy.denied]:
            path = (attribute.split(".")[0],)
            why = f"{service} needs a customer-managed key in {attribute}"
            world.object(violates(CONSTRAINT, node_of(change), why, path=path), section)


def _has(values: Values, path: list[str]) -> bool:
    value = values.get(path[0])
    if len(path) == 1:
        return value not in (None, "")
    blocks = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
    return bool(blocks) and all(isinstance(block, dict) and _has(block, path[1:]) for block in blocks)
