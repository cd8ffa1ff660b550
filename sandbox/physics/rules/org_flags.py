"""Yes-or-no organization policies refuse what they forbid: account keys, object ACLs, public addresses, root access."""

from sandbox import facts
from sandbox.physics.change import Change, Values, violates
from sandbox.physics.policies import in_force, node_of
from sandbox.physics.world import World

TABLE = facts.table("constraints")["flags"]
TYPES = sorted({type_ for entry in TABLE.values() for type_ in entry})
ACTIONS = ("create", "update")


def check(change: Change, world: World) -> None:
    for constraint, entry in TABLE.items():
        demand = entry.get(change.type)
        if demand is None or _meets(change.values, demand):
            continue
        for section in ("spec", "dry_run_spec"):
            policy = in_force(constraint, node_of(change), world, section=section)
            if policy.enforced or policy.deny_all:
                why = demand.get("why") or f"{demand['attribute']} has to be {_wanted(demand)}"
                world.object(violates(constraint, node_of(change), why), section)


def _meets(values: Values, demand: Values) -> bool:
    if demand.get("never"):
        return False
    found = list(_at(values, demand["attribute"].split(".")))
    if "is" in demand:
        return bool(found) and all(value == demand["is"] for value in found)
    if "set" in demand:
        return bool(found) and all(value not in (None, "") for value in found)
    if "not" in demand:
        return all(str(value).lower() not in demand["not"] for value in found)
    return all(value in (None, "", [], False) for value in found)


def _wanted(demand: Values) -> str:
    other = f"other than {demand['not'][0]}" if "not" in demand else "unset"
    return str(demand.get("is", "set" if "set" in demand else other)).lower()


def _at(value: object, path: list[str]) -> list[object]:
    if not path:
        return [value]
    if isinstance(value, list):
        return [found for item in value for found in _at(item, path)]
    return _at(value.get(path[0]), path[1:]) if isinstance(value, dict) else [None]
