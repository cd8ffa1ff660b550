"""YAML as a person would write it: the editor's header, a comment from each key's description, short lists inline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from settings.explaining import Node, Schema

WIDTH = 1000


def render(document: Mapping[str, Any], schema: Node, header: str) -> str:
    """A settings document as text that parses to the same document again."""
    return header + "\n".join(_lines(document, Schema(schema), Schema(schema).root, "")) + "\n"


def _lines(document: Mapping[str, Any], schema: Schema, node: Node, indent: str) -> Iterator[str]:
    tag = node.get("discriminator", {}).get("propertyName")
    node = schema.variant(node, document.get(tag)) if tag else node
    for key, value in document.items():
        about = node.get("properties", {}).get(key, {}).get("description")
        if about:
            yield f"{indent}# {about}"
        if isinstance(value, Mapping) and value and not _short(value):
            yield f"{indent}{_scalar(key)}:"
            yield from _lines(value, schema, schema.child(node, key), indent + "  ")
        elif isinstance(value, list) and any(isinstance(element, Mapping) for element in value):
            yield f"{indent}{_scalar(key)}:"
            yield from (f"{indent}  - {_scalar(element)}" for element in value)
        else:
            yield f"{indent}{_scalar(key)}: {_scalar(value)}"


def _short(value: Mapping[str, Any]) -> bool:
    plain = not any(isinstance(element, Mapping | list) for element in value.values())
    return plain and len(_scalar(value)) < 80 and all(isinstance(v, int) for v in value.values())


def _scalar(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, width=WIDTH, sort_keys=False, allow_unicode=True)
    return text.removesuffix("...\n").strip()
