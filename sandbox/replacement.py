"""Which changes Google cannot make in place."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from sandbox.blocks import SET, Block, NestedBlock
from sandbox.codec import unknown
from sandbox.diagnostics import Path
from sandbox.planning import same_value

Values = dict[str, Any]


def replacements(type_: str, block: Block, prior: Values, planned: Values) -> list[Path]:
    """The paths of all changes that destroy the resource and create it anew."""
    found = list(_changes(block, prior, planned, ()))
    if type_ == "google_compute_subnetwork" and _shrinks(prior.get("ip_cidr_range"), planned.get("ip_cidr_range")):
        found.append(("ip_cidr_range",))
    return found


def _changes(block: Block, prior: Values, planned: Values, path: Path) -> Iterator[Path]:
    for name, attribute in block.attributes.items():
        if attribute.replaces and not same_value(attribute.type_, prior.get(name), planned.get(name)):
            yield (*path, name)
    for name, nested in block.nested.items():
        before, after = prior.get(name), planned.get(name)
        if before != after:
            yield from _in_nested(nested, before, after, (*path, name))


def _in_nested(nested: NestedBlock, before: Any, after: Any, path: Path) -> Iterator[Path]:
    if unknown(after) or not isinstance(before, list) or not isinstance(after, list):
        if nested.replaces:
            yield path
        return
    if nested.mode == SET:
        if nested.replaces or any(attribute.replaces for attribute in nested.block.attributes.values()):
            yield path
        return
    if nested.replaces and len(before) != len(after):
        yield path
    for place, (one, other) in enumerate(zip(before, after, strict=False)):
        yield from _changes(nested.block, one, other, (*path, place))


def _shrinks(before: Any, after: Any) -> bool:
    """A subnetwork can grow in place; any other change of its range needs a new one."""
    if not isinstance(before, str) or not isinstance(after, str) or before == after:
        return False
    try:
        old, new = ipaddress.ip_network(before, strict=False), ipaddress.ip_network(after, strict=False)
    except ValueError:
        return True
    return not (new.version == old.version and new.supernet_of(old))  # type: ignore[arg-type]
