"""Values of Terraform to messages of an API and back: names, blocks and objects, texts and numbers."""

import json
import re
from typing import Any

from sandbox.api.checking import camel, snake
from sandbox.api.discovery import Api, Schema
from sandbox.api.mapping import Mapping
from sandbox.blocks import Block

Values = dict[str, Any]

# A text that Terraform's provider computes is invented here and there; clients of the API would stumble over it.
_SHAPES = {
    "int32": re.compile(r"-?\d+"),
    "int64": re.compile(r"-?\d+"),
    "google-datetime": re.compile(r"\d{4}-\d\d-\d\dT.*"),
}
_READY = ("ACTIVE", "READY", "RUNNING", "ENABLED", "STABLE", "OK", "SUCCEEDED")
_LABELS = ("effective_labels", "terraform_labels", "labels")


def to_message(api: Api, mapping: Mapping, values: Values) -> Values:
    """What the API says of a resource, as far as Terraform's values tell it."""
    renamed = {path: _get(values, source) for path, source in mapping.rename.items()}
    hidden = {*mapping.rename.values(), *map(snake, mapping.beside), "id", "name", "etag"}
    shown = {key: value for key, value in values.items() if key not in hidden}
    out = _message(api, api.schema(mapping.schema), shown)
    for path, held in renamed.items():
        value = held
        if mapping.rename[path] in mapping.text and isinstance(held, str):
            value = json.loads(held) if held else None
        if value not in (None, "", []):
            _put(out, path, _value(api, _schema_at(api, mapping.schema, path), value))
    return out


def known(api: Api, mapping: Mapping, block: Block) -> set[str]:
    """Top-level fields of the message that Terraform's attributes decide."""
    fields = {path.partition(".")[0] for path in mapping.rename}
    attributes = {*block.attributes, *block.nested} - {*mapping.rename.values(), "id", "name", "etag"}
    attributes -= set(map(snake, mapping.beside))
    return fields | {name for name in api.properties(mapping.schema) if snake(name) in attributes}


def to_config(mapping: Mapping, block: Block, message: Values) -> Values:
    """A Terraform configuration that says the same as a message."""
    given = json.loads(json.dumps(message))
    out: Values = {}
    for path, target in mapping.rename.items():
        value = _take(given, path)
        if value is not None:
            _put_snake(out, target, json.dumps(value) if target in mapping.text else value)
    shaped = _config(block, given)
    shaped |= _config(block, {camel(key): value for key, value in out.items()}, renamed=True)
    return mapping.default | shaped


def _message(api: Api, schema: Schema, values: Values) -> Values:
    out: Values = {}
    for name, line in schema.get("properties", {}).items():
        value = values.get(snake(name))
        if value is None and line.get("type") == "array":  # Terraform repeats a block `step`, the API lists `steps`
            value = values.get(snake(name).removesuffix("s"))
        if name == "labels":
            value = next((values[key] for key in _LABELS if values.get(key)), None)
        if value not in (None, "", []):
            converted = _value(api, line, value)
            if converted not in (None, {}) or value == {}:
                out[name] = converted
    return out


def _value(api: Api, line: Schema, value: Any) -> Any:
    while "$ref" in line:
        line = api.schemas[line["$ref"]]
    match line.get("type"):
        case "any":
            return _free(value)
        case "object":
            return _object(api, line, value)
        case "array":
            return [_value(api, line["items"], item) for item in (value if isinstance(value, list) else [value])]
    return None if isinstance(value, dict | list) else _scalar(line, value)


def _object(api: Api, line: Schema, value: Any) -> Any:
    """A block, a map, or blocks that the API has as a map by their id."""
    if isinstance(value, list) and "$ref" in line.get("additionalProperties", {}):
        return {item["id"]: _value(api, line["additionalProperties"], item) for item in value}
    found = (value[0] if value else None) if isinstance(value, list) else value
    if not isinstance(found, dict):
        return None
    return _message(api, line, found) if "properties" in line else found


def _scalar(line: Schema, value: Any) -> Any:
    """A value in the API's type; nothing where Terraform's text cannot be one."""
    kind = line.get("type")
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if kind == "boolean" and isinstance(value, str):
        return {"TRUE": True, "FALSE": False}.get(value.upper())
    if "enum" in line and value not in line["enum"]:
        return next((state for state in _READY if state in line["enum"]), None) if value in _READY else None
    shape = _SHAPES.get(str(line.get("format")))
    return None if shape and isinstance(value, str) and not shape.fullmatch(value) else value


def _free(value: Any) -> Any:
    """A value whose message is not declared: blocks become objects, empty ones disappear."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        value = value[0]
    if isinstance(value, dict):
        return {camel(key): _free(item) for key, item in value.items() if item not in (None, "", [])}
    return value


def _config(block: Block, message: Values, renamed: bool = False) -> Values:
    out: Values = {}
    for name, attribute in block.attributes.items():
        value = message.get(camel(name), message.get(name))
        if value is not None and attribute.settable and (name != "name" or renamed):
            out[name] = _attribute(attribute.type_, value)
    for name, nested in block.nested.items():
        value = message.get(camel(name), message.get(f"{camel(name)}s"))
        if value is None or name == "timeouts":
            continue
        items = value if isinstance(value, list) else [value]
        if nested.high != 1 and "id" in nested.block.attributes and isinstance(value, dict):
            items = [{"id": key} | item for key, item in value.items()]
        inner = [_whole(nested.block, item) for item in items if isinstance(item, dict)]
        out[name] = inner if nested.repeats else (inner[0] if inner else None)
    return out


def _whole(block: Block, message: Values) -> Values:
    """A nested block names every attribute, as Terraform's wire does."""
    blank: Values = dict.fromkeys(block.attributes)
    blank |= {name: [] if nested.repeats else None for name, nested in block.nested.items()}
    return blank | _config(block, message, renamed=True)


def _attribute(type_: Any, value: Any) -> Any:
    if isinstance(type_, list):
        if type_[0] in ("list", "set") and not isinstance(value, list):
            return [value]
        return value
    if type_ == "string" and isinstance(value, bool):
        return str(value).upper()
    if type_ == "string":
        return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else str(value)
    if type_ == "number" and isinstance(value, str):
        return int(value) if value.lstrip("-").isdigit() else value
    return value


def _schema_at(api: Api, schema: str, path: str) -> Schema:
    line: Schema = {"$ref": schema}
    for part in path.split("."):
        while "$ref" in line:
            line = api.schemas[line["$ref"]]
        line = line.get("properties", {}).get(part, {"type": "any"})
    return line


def _get(values: Values, path: str) -> Any:
    found: Any = values
    for part in path.split("."):
        if isinstance(found, list):
            found = found[0] if found else None
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _put(message: Values, path: str, value: Any) -> None:
    *parents, leaf = path.split(".")
    for part in parents:
        message = message.setdefault(part, {})
    message[leaf] = value


def _put_snake(config: Values, path: str, value: Any) -> None:
    head, *rest = path.split(".")
    for part in reversed(rest):
        value = [{camel(part): value}]
    config[head] = value


def _take(message: Values, path: str) -> Any:
    """Remove and return what stands at a path."""
    *parents, leaf = path.split(".")
    for part in parents:
        found = message.get(part)
        if not isinstance(found, dict):
            return None
        message = found
    return message.pop(leaf, None)
