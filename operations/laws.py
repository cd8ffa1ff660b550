"""What the sandbox refuses as Google does, for people to look up."""

from __future__ import annotations

from sandbox import physics


def laws() -> list[tuple[str, str, str]]:
    """(name, sentence, file) of every rule, by name."""
    found = sorted(physics.all_rules(), key=lambda rule: rule.name)
    return [(rule.name, rule.sentence, f"sandbox/physics/rules/{rule.name}.py") for rule in found]
