"""Organization policies with lists of values refuse every other value: models, networks, images, hosts, contacts."""

from collections import defaultdict
from string import Formatter

from sandbox import facts
from sandbox.physics.change import Change, Values, violates
from sandbox.physics.policies import in_force, node_of, within
from sandbox.physics.references import path_in
from sandbox.physics.world import World

TABLE = facts.table("constraints")["values"]
TYPES = sorted({type_ for entry in TABLE.values() for type_ in entry})
ACTIONS = ("create", "update")


def check(change: Change, world: World) -> None:
    for constraint, entry in TABLE.items():
        for value in _found(change, entry.get(change.type)):
            for section in ("spec", "dry_run_spec"):
                policy = in_force(constraint, node_of(change), world, section=section)
                allowed = not policy.allowed or _matches(value, policy.allowed, world)
                if policy.deny_all or not allowed or _matches(value, policy.denied, world):
                    world.object(violates(constraint, node_of(change), f"{value} is not allowed"), section)


def _found(change: Change, demand: Values | None) -> list[str]:
    """The values at the attribute, in the shape in which the policy names them."""
    if demand is None:
        return []
    path, found = demand["attribute"].split("."), []
    for place, text in change.strings:
        if text and [part for part in place if isinstance(part, str)] == path:
            beside = {str(other[-1]): told for other, told in change.strings if other[:-1] == place[:-1]}
            found.append(Formatter().vformat(demand.get("form", "{}"), (text,), defaultdict(str, beside)))
    return found


def _matches(value: str, wanted: list[str], world: World) -> bool:
    for one in wanted:
        plain = one.removeprefix("is:")
        if plain == value or (one.startswith("@") and value.endswith(one)):
            return True
        if plain.endswith(":predict") and plain.removesuffix(":predict") == value.removesuffix(":predict"):
            return True
        if plain.endswith("/*") and value.startswith(plain[:-1]):
            return True
    path = path_in(value)
    return path.startswith("projects/") and within(
        [w for w in wanted if "/" in w], "/".join(path.split("/")[:2]), world
    )
