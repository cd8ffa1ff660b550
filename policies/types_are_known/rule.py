"""A resource is of a type that a stack, the catalog or a rule knows; a new one is looked at first."""

from pathlib import Path

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["RM-CO-4.1"]
RESOURCES = ["google_*"]
# Made by `make bless`: the difference says which type has come and asks for its rules.
KNOWN = frozenset(Path(__file__).with_name("types.txt").read_text(encoding="utf-8").split())


def wrong(it: Values, house: House) -> object:
    return it.type not in KNOWN and "no stack, template or rule names the type; name it in its rules, then make bless"
