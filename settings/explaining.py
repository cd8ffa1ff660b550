"""Says what is wrong with a document in the words of who wrote it: its own keys, its own values, and a way out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from settings.problems import InvalidSettings, Problem, suggestion

Node = Mapping[str, Any]
KEY = "[key]"
TYPES = {
    "string_type": ("text", "write it in quotes"),
    "int_type": ("a whole number", "write a whole number"),
    "int_from_float": ("a whole number", "write a whole number"),
    "float_type": ("a number", "write a number"),
    "finite_number": ("a number", "write a number"),
    "bool_type": ("true or false", "write true or false"),
    "list_type": ("a list", "write it as [a, b]"),
    "dict_type": ("a mapping", "write it as 'key: value' lines"),
    "model_type": ("a mapping", "write it as 'key: value' lines"),
    "model_attributes_type": ("a mapping", "write it as 'key: value' lines"),
}
LIMITS = {
    "greater_than": ("gt", "is not greater than"),
    "greater_than_equal": ("ge", "is less than"),
    "less_than": ("lt", "is not less than"),
    "less_than_equal": ("le", "is greater than"),
    "multiple_of": ("multiple_of", "is not a multiple of"),
}


def parse(adapter: TypeAdapter[Any], document: Any, place: str) -> Any:
    """`document` as the adapter's type; InvalidSettings lists every offence with its key."""
    if document is None:
        raise InvalidSettings([Problem(place, "is empty", "write its keys")])
    try:
        return adapter.validate_python(document)
    except ValidationError as error:
        schema = Schema(adapter.json_schema())
        raise InvalidSettings(_explain(schema, item, place) for item in error.errors(include_url=False)) from None


class Schema:
    """A JSON Schema that can be followed along the keys of a document."""

    def __init__(self, schema: Node) -> None:
        self._schema = schema
        self.root = self.resolve(schema)

    def resolve(self, node: Node) -> Node:
        """The node itself, behind references and 'or nothing'."""
        if "$ref" in node:
            target = self._schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
            return self.resolve({**target, **{k: v for k, v in node.items() if k != "$ref"}})
        some = [option for option in node.get("anyOf", []) if option.get("type") != "null"]
        return self.resolve({**some[0], **{k: v for k, v in node.items() if k != "anyOf"}}) if some else node

    def variant(self, node: Node, tag: Any) -> Node:
        """The variant of a tagged union, or the node itself."""
        mapping = node.get("discriminator", {}).get("mapping", {})
        return self.resolve({"$ref": mapping[tag]}) if tag in mapping else node

    def child(self, node: Node, step: Any) -> Node:
        """The node of a key or of a list's element."""
        patterns = list(node.get("patternProperties", {}).values())
        found = node.get("properties", {}).get(step)
        for other in (node.get("additionalProperties"), *patterns, node.get("items")):
            found = found or (other if isinstance(other, Mapping) else None)
        return self.resolve(found or {})

    def at(self, loc: tuple[Any, ...]) -> tuple[list[str], Node]:
        """A place of a validation error: its keys as they stand in the document, and its node."""
        keys: list[str] = []
        node = self.root
        for step in loc:
            if step == KEY:
                return keys[:-1], node
            if "discriminator" in node:
                node = self.variant(node, step)
                continue
            keys.append(str(step))
            node = self._names(node) if loc[-1] == KEY and step == loc[-2] else self.child(node, step)
        return keys, node

    def _names(self, node: Node) -> Node:
        return {"pattern": next(iter(node.get("patternProperties", {})), None), **node.get("propertyNames", {})}


def _explain(schema: Schema, item: Any, place: str) -> Problem:
    kind, given, context = item["type"], item["input"], item.get("ctx", {})
    keys, node = schema.at(item["loc"])
    where = ".".join([place, *keys])
    if kind == "extra_forbidden":
        keys, node = schema.at(item["loc"][:-1])
        return _unknown(".".join([place, *keys]), item["loc"][-1], node.get("properties", {}))
    if item["loc"][-1:] == (KEY,) and kind == "literal_error":
        return _unknown(where, given, _options(context["expected"]))
    return Problem(where, *_text(kind, given, context, node))


def _unknown(where: str, key: Any, known: Any) -> Problem:
    otherwise = f"known are {', '.join(sorted(known))}" if known else "remove it"
    return Problem(where, f"unknown key '{key}'", suggestion(str(key), known, otherwise))


def _text(kind: str, given: Any, context: Node, node: Node) -> tuple[str, str]:
    said = SAYINGS.get(kind)
    return said(given, context, node) if said else _of_type(kind, given, context)


def _of_type(kind: str, given: Any, context: Node) -> tuple[str, str]:
    if kind in LIMITS:
        limit, words = LIMITS[kind]
        return f"{shown(given)} {words} {context[limit]}", "choose another number"
    if kind in TYPES:
        wanted, way_out = TYPES[kind]
        return (f"{shown(given)} is not {wanted}", way_out) if given is not None else ("has no value", "write one")
    return f"{shown(given)} is not allowed here", "change it"


def _choice(given: Any, options: list[str]) -> tuple[str, str]:
    text = f"{shown(given)} is not one of {', '.join(options)}"
    return text, suggestion(str(given), options, "choose one of them")


def _options(expected: Any) -> list[str]:
    return re.findall(r"[^', ]+", str(expected).replace(" or ", ", "))


def _like(node: Node) -> str:
    examples = node.get("examples")
    return f"write it like '{examples[0]}'" if examples else f"write it as {node.get('pattern')}"


def shown(value: Any) -> str:
    """A value as its writer knows it, shortened."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "'true'", False: "'false'"}[value]
    text = str(value)
    return f"'{text[:60]}...'" if len(text) > 60 else f"'{text}'"


def _raised(_given: Any, context: Node, _node: Node) -> tuple[str, str]:
    text, _, way_out = str(context["error"]).partition("; ")
    return text, way_out or "change it"


def _wrong_tag(_given: Any, context: Node, _node: Node) -> tuple[str, str]:
    text, way_out = _choice(context["tag"], _options(context["expected_tags"]))
    return f"{context['discriminator'].strip(chr(39))} {text}", way_out


def _no_tag(_given: Any, context: Node, node: Node) -> tuple[str, str]:
    options = ", ".join(node.get("discriminator", {}).get("mapping", {}))
    return f"has no key {context['discriminator']}", f"add it with one of {options}"


def _size(given: Any, limit: str) -> str:
    return f"'{given}' has {len(given)} characters, {limit}"


SAYINGS: dict[str, Callable[[Any, Node, Node], tuple[str, str]]] = {
    "missing": lambda *_: ("is missing", "add it"),
    "value_error": _raised,
    "literal_error": lambda given, context, _: _choice(given, _options(context["expected"])),
    "union_tag_invalid": _wrong_tag,
    "union_tag_not_found": _no_tag,
    "string_pattern_mismatch": lambda given, _, node: (f"{shown(given)} has the wrong form", _like(node)),
    "string_too_long": lambda given, context, _: (_size(given, f"at most {context['max_length']}"), "shorten it"),
    "string_too_short": lambda given, context, _: (_size(given, f"at least {context['min_length']}"), "lengthen it"),
    "too_short": lambda _, context, __: (f"has fewer than {context['min_length']} elements", "add some"),
    "invalid_key": lambda *_: ("a key is not text", "write it in quotes"),
}
