"""The smallest configuration that a type's schema accepts."""

from typing import Any

from sandbox.blocks import Attribute, Block

PLACES = {
    "location": "europe-west3",
    "region": "europe-west3",
    "zone": "europe-west3-a",
    "member": "user:a@example.com",
}
PLACES |= {"ip_cidr_range": "10.0.0.0/24", "project": "acme-sandbox-1", "project_id": "acme-sandbox-1"}


def configuration(type_: str, block: Block) -> dict[str, Any]:
    """Required attributes and blocks, and whatever must be switched off so that the resource can be destroyed."""
    out = _level(type_, block)
    for name, value in (("deletion_protection", False), ("deletion_policy", "DELETE")):
        attribute = block.attributes.get(name)
        if attribute is not None and attribute.settable and not (attribute.allowed and value not in attribute.allowed):
            out[name] = value
    return out


def _level(type_: str, block: Block) -> dict[str, Any]:
    out = {name: _value(type_, a) for name, a in block.attributes.items() if a.required}
    for name, nested in block.nested.items():
        if nested.low:
            out[name] = [_level(type_, nested.block)] * nested.low
    return out


def _value(type_: str, attribute: Attribute) -> Any:
    if attribute.allowed:
        return attribute.allowed[0]
    if attribute.name in PLACES and attribute.type_ == "string":
        return PLACES[attribute.name]
    return _of(attribute.type_, f"{attribute.name}-{type_[7:]}".replace("_", "-").lower())


def _of(type_: Any, word: str) -> Any:
    if isinstance(type_, list):
        kind, inner = type_
        if kind == "object":
            return {name: _of(part, word) for name, part in inner.items()}
        if kind == "map":
            return {"key": _of(inner, word)}
        return [_of(inner, f"user:{word}")]
    return {"number": 1, "bool": True, "string": word, "dynamic": word}[type_]
