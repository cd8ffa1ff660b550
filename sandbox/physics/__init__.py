"""What Google refuses although every attribute is right: one rule, one file in `rules/`; the folder is the list.

A rule's module says in its first line what Google does, names the types and actions it looks at (`TYPES`, None for all;
`ACTIONS`), and has one function: `check(change, world)`, which raises Broken. `check` below asks every rule that is
concerned, for Terraform and for the API alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from sandbox.physics import rules
from sandbox.physics.change import Broken, Change
from sandbox.physics.world import World
from sandbox.store import Store


@dataclass(frozen=True)
class Rule:
    """One rule of the folder."""

    name: str
    sentence: str
    types: frozenset[str] | None
    actions: tuple[str, ...]
    check: Callable[[Change, World], None]

    def concerns(self, type_: str, action: str) -> bool:
        """Does the rule look at such changes?"""
        return action in self.actions and (self.types is None or type_ in self.types)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order in which they are asked: by rank, then by name."""
    found = [import_module(f"{rules.__name__}.{info.name}") for info in iter_modules(rules.__path__)]
    found.sort(key=lambda module: (getattr(module, "RANK", 5), module.__name__))
    return tuple(map(_rule, found))


def _rule(module: Any) -> Rule:
    types = None if module.TYPES is None else frozenset(module.TYPES)
    sentence = str(module.__doc__).strip().partition("\n")[0]
    return Rule(module.__name__.rpartition(".")[2], sentence, types, tuple(module.ACTIONS), module.check)


@cache
def concerned(type_: str, action: str) -> tuple[Rule, ...]:
    """The rules that look at such changes."""
    return tuple(rule for rule in all_rules() if rule.concerns(type_, action))


def check(store: Store, change: Change) -> list[str]:
    """Raise Broken where Google would refuse the change; returns what dry runs of policies would refuse."""
    world = World(store)
    for rule in concerned(change.type, change.action):
        try:
            rule.check(change, world)
        except Broken as broken:
            raise broken.about(change, rule.name) from None
    return world.logged
