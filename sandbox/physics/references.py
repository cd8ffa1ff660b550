"""How resources name each other: by path, whose shape tells the type, or by a short name beside other attributes."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sandbox import facts
from sandbox.templates import last

_HOST = re.compile(r"^(?:https:)?//([\w.-]+)/(?:compute/|storage/|bigquery/)?(?:v\d\w*/|beta/)?")
_FIELD = re.compile(r"\{(\w+)(?:\|last)?\}")
_STARTS = (
    "projects/",
    "folders/",
    "groups/",
    "tagKeys/",
    "tagValues/",
    "accessPolicies/",
    "organizations/",
    "https://",
    "//",
)
_GRANTS = ("_iam_member", "_iam_binding", "_iam_policy", "_iam_audit_config")
_ODD = re.compile(r"[\s*${}\"?]")


def path_in(text: str) -> str:
    """The resource name in a text, without host and version; empty where the text is something else."""
    if not text.startswith(_STARTS) or _ODD.search(text):
        return ""
    found = _HOST.match(text)
    if found is None:
        return text
    path = text[found.end() :]
    return path if found[1].endswith("googleapis.com") and path.startswith(_STARTS) else ""


def is_grant(type_: str) -> bool:
    """Is the type an IAM policy, or a part of one?"""
    return type_.endswith(_GRANTS)


def shape_of(parts: Sequence[str]) -> tuple[str, ...]:
    """The types whose ids look like this path."""
    return shapes().get(_shape(parts), ())


def _shape(parts: Sequence[str]) -> str:
    """The path with a star for each name; after a collection stands a name, but `global` stands by itself."""
    out, named = [], True
    for part in parts:
        out.append(part if named else "*")
        named = not named or part == "global"
    return "/".join(out)


@cache
def shapes() -> dict[str, tuple[str, ...]]:
    """Shape of an id -> the types that have such ids."""
    table = facts.table("references")
    out: dict[str, set[str]] = {}
    for type_ in facts.provider()["types"]:
        parts = str(facts.table("ids")["ids"].get(type_) or facts.of(type_).get("id") or "").split("/")
        shape = _shape(parts)
        if type_ in table["unnamed"] or is_grant(type_) or not shape.startswith(_STARTS) or "{" in shape:
            continue
        if len(parts) > 1 and parts[-2] not in table["places"] and shape.endswith("*"):
            out.setdefault(shape, set()).add(type_)
    return {shape: tuple(sorted(types)) for shape, types in out.items()} | {
        shape: (type_,) for shape, type_ in table["shapes"].items()
    }


def short_names(type_: str, values: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(attribute, type, id) of each resource that the values name without its path."""
    for attribute, (target, template) in _named_by(type_):
        value = values.get(attribute)
        if not isinstance(value, str) or not value or path_in(value):
            continue
        parts = [values.get(name) for name in _FIELD.findall(template)]
        if all(isinstance(part, str) and part for part in parts):
            yield attribute, target, _FIELD.sub(lambda field: _part(str(values[field[1]]), field), template)


def _part(value: str, field: re.Match[str]) -> str:
    """A path inside an id is shortened to its last part; at the start it stays."""
    return value if field.start() == 0 else last(value)


@cache
def _named_by(type_: str) -> tuple[tuple[str, tuple[str, str]], ...]:
    table = facts.table("references")
    own = table["types"].get(type_, {})
    settable = {name: target for name, target in table["names"].items() if target[0] != type_}
    return tuple((name, tuple(target)) for name, target in (settable | own).items() if target)
