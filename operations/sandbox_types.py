"""The table of docs/sandbox-types.md: for each type of the estate, what the sandbox checks and what nobody knows."""

from __future__ import annotations

import re
from functools import cache

from operations.graph import Graph
from sandbox import facts, physics

GRANT = re.compile(r"_iam_(member|binding|policy|audit_config)$")
HEAD = """# What the sandbox knows of each type

Generated from the estate, the rules and the facts; see [sandbox.md](sandbox.md).

- **schema**: names, types, what is required and allowed values are checked for every type. The number says how many of
  its attributes are known to force a replacement; `all` where nothing can be changed in place.
- **physics**: rules that look at this type alone. These look at every type: {general}.
- **facade**: the API of Google's that serves the same resources to clients (`blueprint sandbox serve`).
- **not known**: `validators` are the provider's own checks and conditional defaults, known of no type; `permission`
  says that it is not known what a caller needs; `id` that Google's name for it is invented.

| type | in the estate | schema | physics | facade | not known |
|---|---|---|---|---|---|
"""


def sandbox_types(graph: Graph) -> str:
    """The page."""
    counts: dict[str, int] = {}
    for stack in graph.stacks.values():
        for type_, entries in stack.document().get("resource", {}).items():
            counts[type_] = counts.get(type_, 0) + len(entries)
    general = ", ".join(f"`{rule.name}`" for rule in physics.all_rules() if rule.types is None)
    return HEAD.format(general=general) + "".join(_row(type_, count) for type_, count in sorted(counts.items()))


def _row(type_: str, count: int) -> str:
    cells = (f"`{type_}`", str(count), _schema(type_), _physics(type_), _facade(type_), _unknown(type_))
    return f"| {' | '.join(cells)} |\n"


def _schema(type_: str) -> str:
    replaced = str(facts.of(type_).get("replace", ""))
    return "all" if replaced == "*" or GRANT.search(type_) else str(len(replaced.split()))


def _physics(type_: str) -> str:
    rules = [rule.name for rule in physics.all_rules() if rule.types is not None and type_ in rule.types]
    return ", ".join(f"`{name}`" for name in rules) or "-"


def _facade(type_: str) -> str:
    return _served().get(type_) or _served().get(GRANT.sub("", type_) + " grants", "-")


@cache
def _served() -> dict[str, str]:
    """Type -> API; grants by the type that they are about."""
    found = {}
    for api, types in facts.table("rest")["types"].items():
        for type_, entry in types.items():
            found[type_] = api
            if "iam" in entry:
                found[f"{entry['iam']['type']} grants"] = api
    return found


def _unknown(type_: str) -> str:
    known = GRANT.sub("", type_) in facts.table("change_permissions")["types"]
    named = facts.table("ids")["ids"].get(type_) or facts.of(type_).get("id")
    return ", ".join(["validators", *([] if known else ["permission"]), *([] if named else ["id"])])
