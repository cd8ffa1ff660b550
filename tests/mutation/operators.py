"""Planted defects: what somebody could get wrong in a plan, each applied wherever it fits.

An operator names the types that it looks at and changes the values of one resource (as Terraform keeps them, blocks in
lists). Where it changes nothing, it does not fit, and there is no defect. None instead of values takes the resource
out; `__new__` and `__twin__` among them add a resource beside it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from policies.image_places import IMAGES
from policies.key_places import KEYS

Values = dict[str, Any]
Change = Callable[[Values], "Values | None"]
GRANT = "google_*_iam_member"
PERSON = ("group:", "user:")
ELSEWHERE = "us-central1"
OTHER = {"-prd-": "-int-", "-int-": "-prd-", "-npr-": "-prd-"}
OTHER_NAMES = {"production": "interactive", "interactive": "production"}


@dataclass(frozen=True)
class Operator:
    """One kind of defect."""

    name: str
    types: tuple[str, ...]
    change: Change

    def fits(self, type_: str) -> bool:
        """Whether it looks at a type."""
        return any(fnmatchcase(type_, glob) for glob in self.types)

    def mutant(self, values: Values) -> Values | None:
        """The changed values, or the same where it does not fit; None where the resource is taken out."""
        return self.change(copy.deepcopy(values))


def put(**written: Any) -> Change:
    """Other values at paths (words joined by __), where the blocks on the way exist."""

    def change(values: Values) -> Values:
        for path, value in written.items():
            *way, last = path.split("__")
            for block in _blocks(values, way):
                block[last] = value
        return values

    return change


def drop(path: str) -> Change:
    """Nothing at a path."""
    return lambda values: put(**{path: [] if isinstance(_first(values, path), list) else None})(values)


def only(fits: Callable[[Values], bool], change: Change) -> Change:
    """A change for some resources."""
    return lambda values: change(values) if fits(values) else values


def text(path: str, pattern: str, to: str) -> Change:
    """Other words in the texts at a path."""

    def change(values: Values) -> Values:
        *way, last = path.split("__")
        for block in _blocks(values, way):
            found = block.get(last)
            if isinstance(found, str):
                block[last] = re.sub(pattern, to, found)
            elif isinstance(found, list):
                block[last] = [re.sub(pattern, to, one) if isinstance(one, str) else one for one in found]
        return values

    return change


def gone(values: Values) -> None:
    """The resource is not there."""
    return


def _blocks(value: Any, way: list[str]) -> Iterator[Values]:
    if isinstance(value, list):
        for item in value:
            yield from _blocks(item, way)
    elif isinstance(value, dict):
        if way:
            yield from _blocks(value.get(way[0]), way[1:])
        else:
            yield value


def _first(values: Values, path: str) -> Any:
    *way, last = path.split("__")
    return next((block.get(last) for block in _blocks(values, way)), None)


def keys(change: Callable[[Any], Any]) -> Change:
    """A change of the name of the key, wherever the type keeps it."""

    def changed(values: Values, type_: str) -> Values:
        *way, last = KEYS[type_].split(".")
        for block in _blocks(values, way):
            if block.get(last):
                block[last] = change(block[last])
        return values

    return lambda values: changed(values, str(values["__type__"]))


def images(image: str) -> Change:
    def changed(values: Values) -> Values:
        *way, last = IMAGES[str(values["__type__"])].split(".")
        for block in _blocks(values, way):
            block[last] = image
        return values

    return changed


def to_people(values: Values) -> bool:
    """Whether a grant is to people."""
    return str(values.get("member")).startswith(PERSON)


def operational(values: Values) -> bool:
    """Whether a grant is in an operational project."""
    return bool(re.search("-(npr|prd)-", str(values.get("project"))))


def another_environment(text_: str) -> str:
    """The same name in another environment."""
    out = re.sub("-(prd|int|npr)-", lambda found: OTHER[found[0]], text_)
    return re.sub("/(production|interactive)-", lambda found: f"/{OTHER_NAMES[found[1]]}-", out)


def identities(path: str, who: str) -> Change:
    return only(lambda v: bool(_first(v, path)), put(**{path: [who]}))


def table() -> list[Operator]:
    """All operators."""
    from tests.mutation import operators_access, operators_build, operators_data, operators_network

    parts = (operators_access, operators_data, operators_build, operators_network)
    return [Operator(name, types, change) for part in parts for name, (types, change) in part.OPERATORS.items()]
