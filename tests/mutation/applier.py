"""Applies synthesized stacks in this process: the provider's own methods, in an order of our choice, no Terraform.

Of Terraform's language it knows what the stacks say: references, and the few functions in `_FUNCTIONS`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from typing import Any
from urllib.parse import quote

from sandbox import creation, lookups, planning
from sandbox.blocks import Block
from sandbox.codec import UNKNOWN
from sandbox.configuration import Configuration
from sandbox.iam.origins import WORKPLACE
from sandbox.labels import plan_labels
from sandbox.physics.change import Change
from sandbox.provider import place
from sandbox.schema import Schemas
from sandbox.store import Store

Values = dict[str, Any]

REFERENCE = re.compile(r"(?:data\.)?google_\w+\.[\w-]+")
_VALUE = re.compile(r"((?:data\.)?google_\w+\.[\w-]+)((?:\.\w+|\[\d+\])*)")
_WHOLE = re.compile(r"\$\{([^{}]*)\}")
_META = ("depends_on", "lifecycle", "provider")


@dataclass(frozen=True)
class Node:
    """One resource or data source of one stack."""

    stack: str
    address: str
    values: Values
    needs: frozenset[str]

    @property
    def is_data(self) -> bool:
        return self.address.startswith("data.")

    @property
    def type(self) -> str:
        return self.address.removeprefix("data.").partition(".")[0]


@dataclass(frozen=True)
class Applied:
    """What became of a node: what was asked for, and what exists since."""

    change: Change
    id: str
    values: Values


def nodes(stack: str, document: Values) -> dict[str, Node]:
    """All nodes of a stack by address; each needs what its values and its depends_on name."""
    found = {}
    for section, prefix in (("resource", ""), ("data", "data.")):
        for type_, entries in document.get(section, {}).items():
            for name, values in entries.items():
                address = f"{prefix}{type_}.{name}"
                needs = frozenset(needed(values)) - {address}
                found[address] = Node(stack, address, values, needs)
    return found


def needed(values: Any) -> Iterator[str]:
    """The addresses that values refer to."""
    if isinstance(values, str):
        if "${" in values:
            yield from REFERENCE.findall(values)
    elif isinstance(values, dict):
        for key, value in values.items():
            yield from value if key == "depends_on" else needed(value)
    elif isinstance(values, list):
        for value in values:
            yield from needed(value)


def in_order(graph: dict[str, Node]) -> list[str]:
    """Needs first."""
    return list(TopologicalSorter({a: sorted(n.needs & graph.keys()) for a, n in graph.items()}).static_order())


@dataclass
class Applier:
    """One store and what the stacks have made in it."""

    store: Store
    schemas: Schemas
    on_change: Callable[[Change], None]
    known: dict[str, Values] = field(default_factory=dict)
    """Address -> values, of the stack under way."""
    origin: str = WORKPLACE

    def stack(
        self, document: Values, order: Iterable[Node], there: Mapping[str, Values] = {}
    ) -> Iterator[tuple[Node, Applied | None]]:
        """Apply nodes one by one; None for what only was read. Raises what the provider raises.

        `there` are the values of nodes that the stack has already.
        """
        self.known = dict(there)
        for node in order:
            if node.is_data:
                self.known[node.address] = self.read(node, document)
                yield node, None
            else:
                yield node, self._make(node, document)

    def read(self, node: Node, document: Values) -> Values:
        """The values of a data source."""
        block = self.schemas.google.data_source(node.type)
        known = node.type in self.schemas.google.resources
        config = _whole(block, self._written(node))
        return lookups.read(node.type, block, config, self.store, settings_of(node, document), known)

    def _written(self, node: Node) -> Values:
        return {key: self._resolved(value) for key, value in node.values.items() if key not in _META}

    def planned(self, node: Node, document: Values) -> tuple[Block, Values]:
        """The shape of a resource that does not exist yet, and what Terraform would plan for it."""
        settings = settings_of(node, document)
        schema = self.schemas.google if node.type in self.schemas.google.resources else self.schemas.beta
        block = schema.resource(node.type)
        config = _whole(block, self._written(node))
        planned = planning.plan(block, config, None)
        place(node.type, block, planned, settings)
        plan_labels(block, config, planned, None, settings)
        return block, planned

    def _make(self, node: Node, document: Values) -> Applied:
        settings = settings_of(node, document)
        block, planned = self.planned(node, document)
        change = Change(node.type, "create", planned, None, settings.charged(), settings.caller(), self.origin)
        self.on_change(change)
        # As where projects exist already: nobody owns what he has not made.
        settings = replace(settings, impersonated=None)
        values = creation.create(self.store, node.type, block, planned, settings, None)
        self.known[node.address] = values
        return Applied(change, str(values["id"]), values)

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._resolved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._resolved(item) for item in value]
        if not isinstance(value, str) or "${" not in value:
            return value
        while (whole := _WHOLE.fullmatch(value)) is None:
            inner = _WHOLE.sub(lambda found: str(self._expression(found[1])), value)
            if inner == value:
                return value
            value = inner
        return self._expression(whole[1])

    def _expression(self, text: str) -> Any:
        found = _VALUE.fullmatch(text)
        if found is not None:
            return self._value(found)
        name, _, rest = text.partition("(")
        return _FUNCTIONS[name](_VALUE.sub(lambda inner: json.dumps(self._value(inner)), rest.removesuffix(")")))

    def _value(self, found: re.Match[str]) -> Any:
        value: Any = self.known[found[1]]
        for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", found[2]):
            value = value["name" if name == "output_name" else name] if name else value[int(index)]
        return value


_FUNCTIONS: dict[str, Callable[[str], Any]] = {
    "element": lambda text: json.loads(text.rpartition(", ")[0])[int(text.rpartition(", ")[2])],
    "urlencode": lambda text: quote(json.loads(text), safe=""),
    "timeadd": lambda text: "2026-12-31T00:00:00Z",
}


def settings_of(node: Node, document: Values) -> Configuration:
    """How the provider of a node is configured."""
    blocks = document["provider"][str(node.values.get("provider", "google"))]
    block: Values = blocks[0] if isinstance(blocks, list) else blocks
    variables = {f"${{var.{name}}}": variable["default"] for name, variable in document.get("variable", {}).items()}
    return Configuration.of({key: variables.get(str(value), value) for key, value in block.items()})


def _whole(block: Block, values: Values) -> Values:
    """A configuration as Terraform sends it: everything of the schema, null or empty where nobody wrote it."""
    out: Values = {name: _typed(values.get(name), item.type_) for name, item in block.attributes.items()}
    for name, nested in block.nested.items():
        inner = values.get(name)
        if nested.repeats:
            items = inner if isinstance(inner, list) else [] if inner is None else [inner]
            out[name] = [_whole(nested.block, item) for item in items]
        else:
            out[name] = _whole(nested.block, inner) if isinstance(inner, dict) else None
    return out


def _typed(value: Any, type_: Any) -> Any:
    if value is UNKNOWN or value is None:
        return value
    if type_ == "string" and isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value
