"""The table of docs/sandbox-types.md: for each type of the estate, what the sandbox checks and what nobody knows."""

from __future__ import annotations

from operations.graph import Graph
from sandbox import physics

HEAD = """# What the sandbox knows of each type

Generated from the estate, the rules and the facts; see [sandbox.md](sandbox.md). The schema of every type is checked:
names, types, what is required, allowed values. Rules that look at every type are left out below: {general}.
Of no type are the real provider's own validators and conditional defaults known.

| type | in the estate | rules of its own |
|---|---|---|
"""


def sandbox_types(graph: Graph) -> str:
    """The page."""
    counts: dict[str, int] = {}
    for stack in graph.stacks.values():
        for type_, entries in stack.document().get("resource", {}).items():
            counts[type_] = counts.get(type_, 0) + len(entries)
    general = [f"`{rule.name}`" for rule in physics.all_rules() if rule.types is None]
    own = [rule for rule in physics.all_rules() if rule.types is not None]
    rows = [
        f"| `{type_}` | {count} | {', '.join(f'`{r.name}`' for r in own if type_ in (r.types or ())) or '-'} |"
        for type_, count in sorted(counts.items())
    ]
    return HEAD.format(general=", ".join(general)) + "\n".join(rows) + "\n"
