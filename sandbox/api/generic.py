"""Methods that mean the same in every API: create, get, list, change, delete, and operations."""

import base64
import re
import secrets
from typing import Any

from sandbox.api import checking, filters, mapping, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, invalid, not_found, stale, unknown_to_sandbox

Values = dict[str, Any]

_LARGEST = 1000
_EMPTY = "google.protobuf.Empty"


def answer(call: Call) -> Values | None:
    """The answer to a method of these kinds; 501 for any other."""
    method = call.method
    if (method.is_operation and method.http == "GET" and method.leaf == "get") or method.leaf == "wait":
        return call.facade.operations.get(call.name)
    if method.http == "GET" and method.leaf.startswith("list"):
        return listing(call)
    if call.verb and method.leaf not in ("create", "patch", "delete", "get"):
        raise unknown_to_sandbox(f"the method {method.id}", "use one that docs/sandbox.md lists")
    if method.http == "GET" and method.leaf == "get":
        return shown(call, call.name)
    with call.resources.writing:
        if method.http == "DELETE":
            return delete(call)
        if method.leaf in ("patch", "update"):
            return change(call)
        if method.leaf in ("create", "insert"):
            return create(call)
    raise unknown_to_sandbox(f"the method {method.id}", "use one that docs/sandbox.md lists")


def shown(call: Call, name: str, schema: str = "") -> Values:
    """A resource as the method answers it; 404 where there is none."""
    return stamping.shown(call.api, schema or call.method.response, call.get(name))


def create(call: Call, attributes: Values | None = None, schema: str = "") -> Values:
    """Make a resource below the parent that the path names, or the one it names itself (PUT).

    `attributes` are what Terraform has in the resource and the API elsewhere in the request; `schema` is its message
    where the request's is another.
    """
    method, schema = call.method, schema or call.method.request
    checking.required(call.api, schema, call.body)
    collection = method.template.rstrip("/").rpartition("/")[2]
    name: str = call.name
    if not collection.startswith("{"):
        name = f"{name.rpartition('/')[0]}/{collection}/{identity(call, collection)}".lstrip("/")
    name = mapping.canonical(call.api.name, name)
    body = stamping.written(call.api, schema, _writable(call, schema), new=True)
    known = call.api.properties(schema)  # what has a `resourceName` calls something else its name
    if "name" in known and "resourceName" not in known and call.api.name not in ("storage", "bigquery"):
        body["name"] = name
    name, made = call.resources.create(call.api, name, body, attributes)
    made = stamping.shown(call.api, schema, made)
    return call.operation(made) if method.is_operation else made


def identity(call: Call, collection: str) -> str:
    """The last part of the new resource's name: asked for, told in the body, or chosen here."""
    places = {key for key, line in call.method.parameters.items() if line["location"] == "query" and key.endswith("Id")}
    for key in sorted(places - {"requestId"}):
        if given := call.asked(key):
            return proper(key, given)
    for key, value in call.body.items():
        if key.endswith("Reference") and isinstance(value, dict) and (told := value.get(f"{key[:-9]}Id")):
            return proper(key, str(told))
    named = str(call.body.get("projectId") or call.body.get("name") or "").rpartition("/")[2]
    line = mapping.of_name(call.api.name, f"{call.name}/x")
    if named and not (line and line.generated):
        return proper("name", named)
    if line and not line.generated and not line.nameless:
        reference = f"{collection.removesuffix('s')}Reference"
        told = [reference] if reference in call.api.properties(call.method.request) else ["name"]
        field = [*sorted(places - {"requestId"}), *told][0]
        raise invalid([(field, f"Required parameter: {field}")])
    return str(secrets.randbelow(9 * 10**17) + 10**17)


def change(call: Call) -> Values:
    """Change the fields that the update mask names; without a mask, those that the body has."""
    method, schema = call.method, call.method.request
    found = call.resources.get(call.api, call.name)
    if found is None:
        if call.asked("allowMissing") == "true":
            return create(call)
        raise not_found(call.name)
    found = stamping.shown(call.api, schema, found)
    current(call, found)
    new = stamping.written(call.api, schema, merged(call, found), new=False)
    made = stamping.shown(call.api, schema, call.resources.replace(call.api, call.name, new))
    return call.operation(made) if method.is_operation else made


def current(call: Call, found: Values) -> None:
    """Refuse a change to what somebody else changed since it was read."""
    given = call.body.get("etag") or call.headers.get("if-match", "*")
    if given not in (found.get("etag", given), "*"):
        raise stale(call.name, bool(call.api.base))


def merged(call: Call, found: Values) -> Values:
    """What a resource will be after the change that is asked for; what only Google writes stays."""
    whole, schema = call.method.http == "PUT", call.method.request
    new = {key: found[key] for key in found if not whole or _read_only(call, schema, key)}
    for head, *rest in (path.split(".") for path in mask(call, whole)):
        if not _read_only(call, schema, head):
            _set(new, call.body, [head, *rest])
    return new


def delete(call: Call) -> Values | None:
    """Remove a resource, at the etag that the caller knows, where one is given."""
    current = call.get()
    if (given := call.asked("etag")) and given != stamping.etag(current):
        raise stale(call.name)
    call.resources.delete(call.api, call.name)
    if not call.method.response:
        return None
    if not call.method.is_operation:
        return {}
    empty = call.method.result in ("", _EMPTY)  # some APIs answer what was there
    return call.operation({}, _EMPTY) if empty else call.operation(stamping.shown(call.api, "", current))


def listing(call: Call) -> Values:
    """A page of a collection."""
    if call.method.response.endswith("ListOperationsResponse"):
        return {"operations": call.facade.operations.under(call.name.removesuffix("/operations"))}
    parent, _, collection = call.name.rpartition("/")
    found = [show for _, show in call.resources.entries(call.api, parent, collection)]
    if text := call.asked("filter"):
        return page(call, filters.chosen(text, [show() for show in found]))
    start = _start(call)
    shown = [show() for show in found[start : start + _size(call)]]
    return _page(call, shown, len(found))


def page(call: Call, found: list[Values]) -> Values:
    """One page of what was found, under the name that the response has for it."""
    start = _start(call)
    return _page(call, found[start : start + _size(call)], len(found))


def _page(call: Call, shown: list[Values], total: int) -> Values:
    properties = call.api.properties(call.method.response)
    key = next((name for name, line in properties.items() if _holds_resources(line)), "items")
    item = properties.get(key, {}).get("items", {}).get("$ref", "")
    start, size = _start(call), _size(call)
    out: Values = {key: [stamping.shown(call.api, item, body) for body in shown]}
    if "default" in properties.get("kind", {}):
        out["kind"] = properties["kind"]["default"]
    if start + size < total:
        out["nextPageToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return out


def _holds_resources(line: Values) -> bool:
    inner = line.get("items", {})
    return line.get("type") == "array" and ("$ref" in inner or inner.get("type") == "object")


def _start(call: Call) -> int:
    token = call.asked("pageToken")
    try:
        start = int(base64.urlsafe_b64decode(token)) if token else 0
    except ValueError:
        start = -1
    if start < 0:
        raise invalid([("page_token", "The page token is not valid.")])
    return start


def _size(call: Call) -> int:
    return min(number(call, "pageSize", "maxResults"), _LARGEST) or _LARGEST


def number(call: Call, *names: str, default: int = 0) -> int:
    """The first of these query parameters that is given, as a number that is not negative."""
    given = next((found for name in names if (found := call.asked(name))), str(default))
    if not given.isdecimal():
        raise invalid([(names[0], f"Invalid value at '{names[0]}' (TYPE_INT32), \"{given}\"")])
    return int(given)


def mask(call: Call, whole: bool = False) -> list[str]:
    """The fields that a change is about."""
    given = call.asked("updateMask")
    if whole or not given or given == "*":
        return [key for key in call.body if key not in ("name", "etag")]
    paths = [".".join(checking.camel(part) for part in path.strip().split(".")) for path in given.split(",")]
    known = {"$ref": call.method.request}
    bad = [path for path in paths if path == "name" or not _has(call, known, path.split("."))]
    if bad:
        raise invalid([("update_mask", f"Invalid field mask: '{path}' is no field that changes.") for path in bad])
    return paths


def _has(call: Call, line: Values, parts: list[str]) -> bool:
    """Does a message have a field at this path? What a map holds has any name."""
    if not parts or "additionalProperties" in line:
        return True
    fields = call.api.properties(line["$ref"]) if "$ref" in line else line.get("properties", {})
    return parts[0] in fields and _has(call, fields[parts[0]], parts[1:])


def _set(target: Values, source: Values, parts: list[str]) -> None:
    head, *rest = parts
    if rest:
        inner = target.get(head)
        target[head] = dict(inner) if isinstance(inner, dict) else {}
        _set(target[head], source.get(head) or {}, rest)
    elif head in source:
        target[head] = source[head]
    else:
        target.pop(head, None)


def _writable(call: Call, schema: str) -> Values:
    return {key: value for key, value in call.body.items() if key == "name" or not _read_only(call, schema, key)}


def _read_only(call: Call, schema: str, key: str) -> bool:
    return bool(call.api.properties(schema).get(key, {}).get("readOnly")) or key in ("createTime", "timeCreated")


def proper(field: str, given: str) -> str:
    """An id that cannot lead out of its collection."""
    if not re.fullmatch(r"[\w.~%+:@-]+", given) or given in (".", ".."):
        raise ApiError(400, f"Invalid value for '{field}': \"{given}\" is no valid resource id.")
    return given
