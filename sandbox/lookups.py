"""Data sources: what exists is found in the store, what is absent is a clear 404."""

from collections.abc import Callable
from typing import Any

from sandbox import answers, facts, policy_data
from sandbox.blocks import Block
from sandbox.codec import unknown
from sandbox.configuration import Configuration
from sandbox.diagnostics import Refused, not_found
from sandbox.question import Question
from sandbox.store import Store
from sandbox.templates import last, render_id

Values = dict[str, Any]

_PLACES = ("project", "region", "zone", "location")


def read(type_: str, block: Block, config: Values, store: Store, settings: Configuration, known: bool) -> Values:
    """The values of a data source; `known` says that a resource of the same type exists in the provider."""
    question = Question(type_, config, store, settings)
    special: Callable[[Question], Values] | None = answers.ANSWERS.get(type_)
    if special is not None:
        found = special(question)
    elif type_.endswith("_iam_policy"):
        found = policy_data.existing_policy(question)
    elif known:
        found = _same_type(question)
    else:
        found = answers.of_the_project(question)
    return _shape(block, config, found)


def _same_type(question: Question) -> Values:
    by_id = _by_id(question)
    if by_id is not None:
        return by_id
    wanted = question.asked()
    matches = [values for _, values in question.store.find(question.type_) if _fits(values, wanted)]
    if not matches:
        said = ", ".join(f'{name} = "{value}"' for name, value in wanted.items())
        raise not_found(f"{question.type_} with {said or 'no attributes'}")
    if len(matches) > 1:
        raise Refused(f"{question.type_}: {len(matches)} resources match; configure more attributes to tell them apart")
    return matches[0]


def _by_id(question: Question) -> Values | None:
    template = facts.table("ids")["ids"].get(question.type_) or facts.of(question.type_).get("id")
    if not template:
        return None
    return question.store.get(question.type_, render_id(template, question))


def _fits(values: Values, wanted: Values) -> bool:
    """Do all asked values agree? What a resource does not say itself may stand in its id."""
    path = str(values.get("id")).split("/")
    for name, value in wanted.items():
        held = values.get(name)
        if held in (None, "") and (name in _PLACES or last(str(value)) in path):
            continue
        if held != value and (not isinstance(value, str) or last(str(held)) != last(value)):
            return False
    return True


def _shape(block: Block, config: Values, found: Values) -> Values:
    """Exactly the attributes of the data source: configured, else found, else empty."""
    out: Values = {}
    for name, attribute in block.attributes.items():
        value = config.get(name)
        if value is None and attribute.computed:
            value = found.get(name)
            value = _fit(value, attribute.type_) if value is not None else _empty(attribute.type_)
        out[name] = value
    for name, nested in block.nested.items():
        out[name] = config.get(name) if config.get(name) is not None or not nested.repeats else []
    if not out.get("id"):
        out["id"] = found.get("id") or "/".join(str(value) for value in config.values() if isinstance(value, str))
        out["id"] = _fit(out["id"], block.attributes["id"].type_)
    return out


def _empty(type_: Any) -> Any:
    if isinstance(type_, list):
        return {} if type_[0] in ("map", "object") else []
    return {"string": "", "number": 0, "bool": False}.get(type_)


def _fit(value: Any, type_: Any) -> Any:  # noqa: PLR0911
    """A resource's value in the type of the data source: the two differ here and there."""
    if unknown(value) or value is None:
        return _empty(type_) if not isinstance(type_, str) else None
    if isinstance(type_, list):
        kind, inner = type_
        if kind == "object":
            value = value if isinstance(value, dict) else {}
            return {name: _fit(value[name], part) if name in value else _empty(part) for name, part in inner.items()}
        if kind == "map":
            return {key: _fit(item, inner) for key, item in value.items()} if isinstance(value, dict) else {}
        value = value if isinstance(value, list) else [value]
        return [_fit(item, inner) for item in value]
    if type_ == "string":
        return value if isinstance(value, str) else str(value)
    if type_ == "number":
        return value if isinstance(value, int | float) else int(value) if str(value).isdigit() else 0
    return value
