"""The shape of a Terraform type, ready for fast walking: attributes and nested blocks with everything known of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tf.gen import tfplugin_pb2 as pb

SINGLE, LIST, SET, MAP, GROUP = 1, 2, 3, 4, 5


@dataclass(frozen=True)
class Attribute:
    """One attribute; `path` joins the names of its blocks and its own with dots."""

    name: str
    path: str
    type_: Any
    required: bool
    optional: bool
    computed: bool
    replaces: bool = False
    default: Any = None
    allowed: tuple[str, ...] = ()
    write_only: bool = False

    @property
    def settable(self) -> bool:
        return self.required or self.optional


@dataclass(frozen=True)
class Block:
    """One level of a type's schema."""

    attributes: dict[str, Attribute]
    nested: dict[str, "NestedBlock"]
    deep_computed: bool = False  # is anything computed in here, at any depth


@dataclass(frozen=True)
class NestedBlock:
    """A block inside a block; `computed` ones are filled by Google when the configuration leaves them out."""

    name: str
    path: str
    mode: int
    block: Block
    low: int
    high: int
    replaces: bool = False
    computed: bool = False

    @property
    def repeats(self) -> bool:
        return self.mode in (LIST, SET)

    @property
    def fills(self) -> bool:
        """Has Google something to put here when the configuration is silent?"""
        return self.computed and self.high == 1 and self.block.deep_computed


@dataclass(frozen=True)
class Knowledge:
    """The facts of one type that its schema does not tell."""

    replace: frozenset[str] = frozenset()
    everything_replaces: bool = False
    default: Mapping[str, Any] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()
    allowed: Mapping[str, list[str]] = field(default_factory=dict)
    write_only: frozenset[str] = frozenset()

    def replaces(self, path: str) -> bool:
        return self.everything_replaces or path in self.replace


def build(block: pb.Schema.Block, known: Knowledge, prefix: str = "") -> Block:
    """Join what the schema says with what is known beside it."""
    attributes = {item.name: _attribute(item, known, prefix) for item in block.attributes}
    nested = {item.type_name: _nested(item, known, prefix) for item in block.block_types}
    deep = any(a.computed for a in attributes.values()) or any(n.block.deep_computed for n in nested.values())
    return Block(attributes, nested, deep)


def _attribute(item: pb.Schema.Attribute, known: Knowledge, prefix: str) -> Attribute:
    path = prefix + item.name
    settable = item.required or item.optional
    return Attribute(
        item.name,
        path,
        json.loads(item.type),
        item.required,
        item.optional,
        item.computed,
        settable and known.replaces(path) and path != "id",
        known.default.get(path) if item.optional else None,
        tuple(known.allowed.get(path, ())),
        path in known.write_only,
    )


def _nested(item: pb.Schema.NestedBlock, known: Knowledge, prefix: str) -> NestedBlock:
    path = prefix + item.type_name
    return NestedBlock(
        item.type_name,
        path,
        int(item.nesting),
        build(item.block, known, path + "."),
        item.min_items,
        item.max_items,
        known.replaces(path) and item.type_name != "timeouts",
        path in known.computed,
    )
