"""What a resource will look like: its configuration, completed by defaults, by what it was, and by what is unknown."""

from typing import Any

from sandbox.blocks import SET, Attribute, Block, NestedBlock
from sandbox.codec import UNKNOWN, unknown, zero

Values = dict[str, Any]


def plan(block: Block, config: Values, prior: Values | None) -> Values:
    """The planned values of one level; everything computed that nobody configured keeps its prior value."""
    planned: Values = {}
    for name, attribute in block.attributes.items():
        planned[name] = _attribute(attribute, config.get(name), prior)
    for name, nested in block.nested.items():
        before = None if prior is None else prior.get(name)
        planned[name] = _nested(nested, config.get(name), before, prior is not None)
    return planned


def _attribute(attribute: Attribute, configured: Any, prior: Values | None) -> Any:
    before = None if prior is None else prior.get(attribute.name)
    if attribute.write_only:
        return None
    if configured is not None:
        if prior is None or unknown(configured):
            return configured
        # Google makes no difference between these, so changing one to the other is no change.
        same = same_value(attribute.type_, configured, before)
        return before if same or (before is None and zero(configured) and attribute.optional) else configured
    if attribute.default is not None:
        return attribute.default
    if attribute.computed:
        return UNKNOWN if prior is None else before
    return before if before is not None and zero(before) else None


def _nested(nested: NestedBlock, configured: Any, before: Any, exists: bool) -> Any:
    if not nested.repeats or unknown(configured):
        return configured
    if not configured and nested.computed:
        return (before or []) if exists else UNKNOWN if nested.fills else []
    configured, before = configured or [], before or []
    if nested.mode == SET:
        return _set(nested, configured, before)
    return [
        plan(nested.block, item, before[place] if place < len(before) else None)
        for place, item in enumerate(configured)
    ]


def _set(nested: NestedBlock, configured: list[Any], before: list[Any]) -> list[Any]:
    """Elements that the configuration still describes stay as they are, computed values included."""
    left, out = list(before), []
    for item in configured:
        for known in left:
            if plan(nested.block, item, known) == known:
                left.remove(known)
                out.append(known)
                break
        else:
            out.append(plan(nested.block, item, None))
    return before if not left and len(out) == len(before) else out


def same_value(type_: Any, one: Any, other: Any) -> bool:
    """Equality that does not mind the order of a set."""
    if one == other:
        return True
    if isinstance(type_, list) and type_[0] == "set" and isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(item in other for item in one) and all(item in one for item in other)
    return False


def conform(block: Block, values: Values) -> Values:
    """`values` with exactly the attributes and blocks of the schema: what is missing is null or empty."""
    out: Values = {name: values.get(name) for name in block.attributes}
    for name, nested in block.nested.items():
        inner = values.get(name)
        if nested.repeats:
            out[name] = [conform(nested.block, item) for item in inner or []]
        else:
            out[name] = conform(nested.block, inner) if isinstance(inner, dict) else None
    return out
