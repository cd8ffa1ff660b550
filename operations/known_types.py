"""The types of resources that policies/types_are_known accepts: what stacks and templates make, and what rules name."""

from __future__ import annotations

import re
from pathlib import Path

from catalog_templates.makers import types
from catalog_templates.template import read_all
from operations.graph import Graph

ROOT = Path(__file__).parents[1]
IMPORT = re.compile(r"^from cdktf_cdktf_provider_google(?:_beta)?\.(?!data_|provider\b)(?:google_)?(\w+) import", re.M)


def known_types(graph: Graph) -> str:
    """One a line. Stacks count with what they make under other settings too; a glob of a rule names no type."""
    from policies.rule import rules

    made = {type_ for stack in graph.stacks.values() for type_ in stack.document().get("resource", {})}
    source = [file.read_text(encoding="utf-8") for file in (ROOT / "stacks").rglob("*.py")]
    could = {f"google_{module}" for text in source for module in IMPORT.findall(text)}
    ordered = {type_ for template in read_all().values() for type_ in types(template)}
    named = {type_ for rule in rules() for type_ in rule.resources if "*" not in type_}
    return "\n".join(sorted(type_ for type_ in made | could | ordered | named if type_.startswith("google_"))) + "\n"
