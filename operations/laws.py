"""What the sandbox refuses as Google does, for people to look up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from operations.target import home_of
from sandbox import physics, violations


def laws() -> list[tuple[str, str, str]]:
    """(name, sentence, file) of every rule, by name."""
    found = sorted(physics.all_rules(), key=lambda rule: rule.name)
    return [(rule.name, rule.sentence, f"sandbox/physics/rules/{rule.name}.py") for rule in found]


def across_perimeters(root: Path) -> list[dict[str, Any]]:
    """Calls that perimeters refused in the sandbox below `root`, or would have refused, oldest first."""
    return violations.noted(home_of("sandbox", root))
