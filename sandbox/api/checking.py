"""Requests against their schema: what Google refuses before it looks at anything."""

import functools
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.api.discovery import Api, Method, Schema
from sandbox.api.errors import ApiError, invalid

Violations = list[tuple[str, str]]

_BODY = 'Invalid JSON payload received. Unknown name "{0}"{1}: Cannot find field.'
_QUERY = (
    'Invalid JSON payload received. Unknown name "{0}": Cannot bind query parameter.'
    " Field '{0}' could not be found in request message."
)
_WRONG = {"boolean": "TYPE_BOOL", "integer": "TYPE_INT32", "number": "TYPE_DOUBLE", "string": "TYPE_STRING"}
_ANYWHERE = {
    "alt",
    "prettyPrint",
    "fields",
    "key",
    "userProject",
    "quotaUser",
    "requestId",
    "projection",
    "oauth_token",
}


@functools.cache
def camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


@functools.cache
def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def parsed(raw: bytes) -> Any:
    """What a body says as JSON; raises ApiError for what is none, as NaN or a nesting without end."""
    try:
        return json.loads(raw or b"{}", parse_constant=_no_number)
    except (ValueError, RecursionError) as problem:
        raise ApiError(400, f"Invalid JSON payload received. {problem}") from None


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def body(api: Api, schema: str, given: Any) -> dict[str, Any]:
    """The request as the schema spells it: camelCase names, enums by name; raises ApiError with every violation."""
    violations: Violations = []
    out = _Check(api, violations).value(given, {"$ref": schema}, "")
    if not isinstance(given, dict) and not violations:
        violations.append(("", "Invalid JSON payload received. Root element must be a message."))
    if violations:
        raise invalid(violations)
    return Given(out)


def required(api: Api, schema: str, given: Mapping[str, Any]) -> None:
    """Refuse a new resource that lacks what Google requires."""
    properties = api.properties(schema)
    missing = [name for name, line in properties.items() if line.get("required") and given.get(name) in (None, "")]
    missing = [name for name in missing if not properties[name].get("readOnly") and name not in ("name", "parent")]
    if missing:
        raise invalid([(name, f"The field '{name}' is required but was not set.") for name in missing])


class Given(dict[str, Any]):
    """A message as it came: a field that a method reads and that is not there is refused, not a defect."""

    def __missing__(self, key: str) -> Any:
        raise invalid([(key, f"The field '{key}' is required but was not set.")])


def query(api: Api, method: Method, given: Mapping[str, str]) -> None:
    """Refuse a query parameter that the method does not have."""
    known = {*method.parameters, *api.parameters, *_ANYWHERE}
    bad = [name for name in given if not ({name, camel(name), name.partition(".")[0]} & known or name[0:1] == "$")]
    missing = [
        name
        for name, line in method.parameters.items()
        if line.get("required") and line["location"] == "query" and not (given.get(name) or given.get(snake(name)))
    ]
    violations = [("", _QUERY.format(name)) for name in bad]
    violations += [(name, f"Required parameter: {name}") for name in missing]
    if violations:
        raise invalid(violations)


def values(api: Api, method: Method, given: Mapping[str, list[str]]) -> None:
    """Refuse a query parameter whose value is none of its type."""
    violations: Violations = []
    check = _Check(api, violations)
    for name, texts in given.items():
        line = method.parameters.get(name) or method.parameters.get(camel(name))
        if line and line.get("location") == "query":
            for text in filter(None, texts):
                check.text(text, line, name)
    if violations:
        raise invalid(violations)


class _Check:
    def __init__(self, api: Api, violations: Violations) -> None:
        self._api, self._violations = api, violations

    def value(self, value: Any, schema: Schema, path: str) -> Any:
        while "$ref" in schema:
            schema = self._api.schemas[schema["$ref"]]
        kind = schema.get("type")
        if value is None or kind == "any":
            return value
        if kind == "object":
            return self._object(value, schema, path)
        if kind == "array":
            items = value if isinstance(value, list) else [value]
            return [self.value(item, schema["items"], f"{path}[{place}]") for place, item in enumerate(items)]
        return self._scalar(value, schema, path)

    def text(self, text: str, schema: Schema, path: str) -> None:
        """A value as a query says it: everything is text, and an enum may be told by its number."""
        if schema.get("type") == "boolean":
            self._scalar({"true": True, "false": False}.get(text.lower(), text), schema, path)
        elif not (schema.get("enum") and text.isdecimal()):
            self._scalar(text, schema, path)

    def _scalar(self, value: Any, schema: Schema, path: str) -> Any:
        kind, names = schema["type"], schema.get("enum")
        if kind == "string" and names:
            numbers = schema.get("numbers", ())
            if isinstance(value, int | float) and not isinstance(value, bool) and value in numbers:
                return names[numbers.index(int(value))]
            fits = value in names
        elif kind == "boolean":
            fits = isinstance(value, bool)
        elif kind in ("integer", "number"):
            fits = not isinstance(value, bool) and (isinstance(value, int | float) or _numeric(value))
        else:
            fits = isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool))
        fits = fits and _formed(str(schema.get("format")), value)
        if not fits:
            wanted = f"type.googleapis.com/{schema.get('id', 'enum')}" if names else _WRONG[kind]
            self._violations.append((path, f"Invalid value at '{path}' ({wanted}), {json.dumps(value)}"))
        if fits and schema.get("format") == "byte":
            return _padded(value)
        return str(value) if kind == "string" and isinstance(value, int | float) and not names else value

    def _object(self, value: Any, schema: Schema, path: str) -> Any:
        if not isinstance(value, dict):
            self._violations.append((path, f"Invalid value at '{path}', expected an object, found {json.dumps(value)}"))
            return {}
        properties, extra = schema.get("properties", {}), schema.get("additionalProperties")
        out = Given()
        for key, item in value.items():
            name = key if key in properties else camel(key)
            child = properties.get(name) or extra
            if child:
                inner = f"{path}.{key}" if path else key
                out[name if name in properties else key] = self.value(item, child, inner)
            elif key == "@type" or not properties:
                out[key] = item
            else:
                self._violations.append((path, _BODY.format(key, f" at '{path}'" if path else "")))
        return out


def _numeric(value: Any) -> bool:
    return isinstance(value, str) and (
        value in ("NaN", "Infinity", "-Infinity") or bool(re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", value))
    )


_WHOLE = {"int32": (-(2**31), 2**31), "uint32": (0, 2**32), "int64": (-(2**63), 2**63), "uint64": (0, 2**64)}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def _formed(form: str, value: Any) -> bool:
    """Is a scalar of the right type also of the form that the schema gives it?"""
    if form in _WHOLE:
        try:
            number = float(value) if "." in str(value) or "e" in str(value).lower() else int(value)
        except ValueError:
            return False
        return number == number // 1 and _WHOLE[form][0] <= number < _WHOLE[form][1]
    if form == "byte":
        return isinstance(value, str) and _padded(value) is not None
    if form == "google-duration":
        return bool(re.fullmatch(r"-?\d{1,12}(\.\d{1,9})?s", str(value)))
    if form == "google-datetime":
        return bool(_MOMENT.fullmatch(str(value))) and _is_moment(str(value))
    return True


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def _padded(text: str) -> str | None:
    """Bytes in the one alphabet that is read here, whichever of both they came in; None where they are none."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    if not re.fullmatch(r"[A-Za-z0-9+/]*", plain) or len(plain) % 4 == 1:
        return None
    return plain + "=" * (-len(plain) % 4)
