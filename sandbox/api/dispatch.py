"""From a request on the wire to its answer: route, caller, schema, permission, method."""

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from sandbox.api import access, checking, discovery, generic, mapping, policies, verbs
from sandbox.api.call import Call, Facade
from sandbox.api.errors import ApiError, invalid
from sandbox.bucket_api import Answer

Verb = Callable[[Call], Any]

_STORAGE = re.compile(r"/?(?:storage/)?(?:(?:resumable/)?upload/|download/)?(storage/v1/.*)")


@dataclass(frozen=True)
class Wire:
    """One HTTP request: header names in lower case, the path raw and without its query."""

    http: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


def answer(facade: Facade, wire: Wire) -> Answer:
    """The answer to a request; never raises for what a client can send."""
    try:
        return _answer(facade, wire)
    except ApiError as problem:
        return reply(problem.body(), problem.code)


def reply(body: Any, status: int = 200) -> Answer:
    """JSON on the wire; no body where there is none."""
    if body is None:
        return Answer(204)
    return Answer(status, json.dumps(body).encode(), (("Content-Type", "application/json; charset=UTF-8"),))


def _answer(facade: Facade, wire: Wire) -> Answer:
    principal = access.principal(wire.headers)
    api, match = _route(wire)
    pairs = parse_qsl(wire.query, keep_blank_values=True)
    lists: dict[str, list[str]] = {}
    for key, value in pairs:
        lists.setdefault(key, []).append(value)
    query = {key: values[-1] for key, values in lists.items()}
    name = mapping.canonical(api.name, facade.resources.plain(match.name))
    call = Call(facade, api, match.method, principal, name, match.verb, query, lists, {}, wire.headers)
    checking.values(api, match.method, lists)
    raw = raw_methods().get(match.method.id)
    if raw is not None:
        access.require(call)
        found: Answer = raw(call, wire)
        return found
    checking.query(api, match.method, query)
    call = Call(facade, api, match.method, principal, name, match.verb, query, lists, _body(call, wire), wire.headers)
    access.require(call)
    result = _method(call)
    return result if isinstance(result, Answer) else reply(result)


def _route(wire: Wire) -> tuple[discovery.Api, discovery.Match]:
    storage = _STORAGE.fullmatch(wire.path)
    host, _, rest = wire.path.lstrip("/").partition("/")
    rest = rest.removeprefix("resumable/").removeprefix("upload/")
    found = discovery.find("storage", _http(wire), storage[1]) if storage else discovery.find(host, _http(wire), rest)
    if found is None:
        raise ApiError(404, f"The requested URL {wire.path} was not found on this server.")
    if "//" in wire.path.strip("/"):
        raise invalid([("name", f"Invalid resource name: a part of {wire.path} is missing.")])
    return found


def _http(wire: Wire) -> str:
    """Chunks of an upload come by PUT to where it was begun by POST; HEAD asks what GET would answer."""
    return "POST" if "upload/" in wire.path and wire.http == "PUT" else "GET" if wire.http == "HEAD" else wire.http


def _body(call: Call, wire: Wire) -> dict[str, Any]:
    schema = call.method.request
    if not schema or not wire.body:
        return {}
    return checking.body(call.api, schema, checking.parsed(wire.body))


def _method(call: Call) -> Any:
    special = methods().get(call.method.id)
    if special is not None:
        return special(call)
    if call.method.leaf == "testIamPermissions":
        return access.granted(call)
    if call.method.leaf in policies.METHODS:
        return policies.answer(call)
    return generic.answer(call)


@cache
def _registered() -> tuple[Mapping[str, Verb], Mapping[str, Callable[[Call, Wire], Answer]]]:
    """What the files of the folder `verbs` answer: METHODS after the schema check, RAW with the bytes as they came."""
    checked: dict[str, Verb] = {}
    raw: dict[str, Callable[[Call, Wire], Answer]] = {}
    for module in pkgutil.iter_modules(verbs.__path__):
        found = importlib.import_module(f"{verbs.__name__}.{module.name}")
        checked |= getattr(found, "METHODS", {})
        raw |= getattr(found, "RAW", {})
    return checked, raw


def methods() -> Mapping[str, Verb]:
    return _registered()[0]


def raw_methods() -> Mapping[str, Callable[[Call, Wire], Answer]]:
    return _registered()[1]
