"""Google's APIs as their discovery documents describe them: which request means which method."""

import functools
import json
import re
import threading
import zipfile
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from sandbox import facts
from sandbox.api import by_hand

Schema = dict[str, Any]

_VERB = re.compile(r":([a-zA-Z]+)$")
_VERSION = re.compile(r"v\d\w*")
_READING = threading.Lock()


@dataclass(frozen=True)
class Method:
    """One method of an API."""

    id: str
    http: str
    template: str
    parameters: dict[str, Any]
    request: str
    response: str
    result: str
    """The message that its operation ends with, where that is known."""

    @property
    def leaf(self) -> str:
        return self.id.rpartition(".")[2]

    @property
    def is_operation(self) -> bool:
        return self.response.endswith("Operation")


@dataclass(frozen=True)
class Match:
    """A method, and what stands in the variable parts of the path."""

    method: Method
    name: str
    """The resource: the path without version and verb, decoded."""
    verb: str


@dataclass
class Api:
    """One version of one API; `tree` holds a path's segments, `{}` for one that varies, `{+}` for several."""

    name: str
    version: str
    base: str
    schemas: dict[str, Schema]
    parameters: dict[str, Any]
    tree: dict[str, Any] = field(default_factory=dict)
    methods: dict[str, Method] = field(default_factory=dict)

    @classmethod
    def read(cls, document: dict[str, Any]) -> "Api":
        parameters = document.get("parameters", {})
        # One resource has one message, whatever version of the API shows it.
        schemas = {name.replace("V1beta1", "V1"): schema for name, schema in document["schemas"].items()}
        schemas |= document["schemas"]
        out = cls(document["name"], document["version"], document["servicePath"], schemas, parameters)
        out._walk(document)
        return out

    def _walk(self, resource: dict[str, Any]) -> None:
        for line in resource.get("methods", {}).values():
            self._add(line)
        for child in resource.get("resources", {}).values():
            self._walk(child)

    def _add(self, line: dict[str, Any]) -> None:
        template = line.get("flatPath") or line["path"]
        if self.base and not template.startswith(self.base):
            template = self.base + template
        method = Method(
            line["id"],
            line["httpMethod"],
            template,
            line.get("parameters", {}),
            line.get("request", {}).get("$ref", ""),
            line.get("response", {}).get("$ref", ""),
            line.get("result", ""),
        )
        self.methods[method.id] = method
        path, _, verb = template.partition(":") if _VERB.search(template) else (template, "", "")
        node = self.tree
        for segment in path.strip("/").split("/"):
            key = segment if not segment.startswith("{") else "{+}" if segment.startswith("{+") else "{}"
            node = node.setdefault(key, {})
        node.setdefault("$", {})[method.http, verb] = method

    def match(self, http: str, path: str) -> Match | None:
        """The method that a raw (still encoded) path means."""
        head, verb = path.strip("/"), ""
        if found := _VERB.search(path):
            head, verb = path.strip("/")[: -len(found.group(0))], found.group(1)
        segments = head.split("/")
        method = _descend(self.tree, segments, 0, (http, verb))
        if method is None and verb:
            segments, verb = path.strip("/").split("/"), ""
            method = _descend(self.tree, segments, 0, (http, ""))
        return None if method is None else Match(method, self._name(segments), verb)

    def _name(self, segments: list[str]) -> str:
        rest = segments[len(self.base.strip("/").split("/")) if self.base else 0 :]
        if rest and not self.base and _VERSION.fullmatch(rest[0]):
            rest = rest[1:]
        return "/".join(unquote(segment) for segment in rest)

    def schema(self, name: str) -> Schema:
        return self.schemas.get(name, {})

    def properties(self, schema: str) -> dict[str, Schema]:
        found: dict[str, Schema] = self.schema(schema).get("properties", {})
        return found


def _descend(node: dict[str, Any], segments: list[str], at: int, key: tuple[str, str]) -> Method | None:
    if at == len(segments):
        found: Method | None = node.get("$", {}).get(key)
        return found
    for branch in (segments[at], "{}"):
        if branch in node and (found := _descend(node[branch], segments, at + 1, key)):
            return found
    if "{+}" in node:
        for end in range(len(segments), at, -1):
            if found := _descend(node["{+}"], segments, end, key):
                return found
    return None


@functools.cache
def versions() -> dict[str, list[str]]:
    """Names of APIs, each with its versions, the newest last."""
    out: dict[str, list[str]] = {}
    with zipfile.ZipFile(facts.FOLDER / "discovery.pack") as archive:
        for entry in sorted(archive.namelist()):
            name, _, version = entry.removesuffix(".json").partition(".")
            out.setdefault(name, []).append(version)
    for name, version in by_hand.names():
        out.setdefault(name, []).append(version)
    return out


def api(name: str, version: str) -> Api:
    """One API, read when it is first needed."""
    with _READING:
        return _read(name, version)


@functools.cache
def _read(name: str, version: str) -> Api:
    if (name, version) in by_hand.names():
        return Api.read(by_hand.document(name, version))
    with zipfile.ZipFile(facts.FOLDER / "discovery.pack") as archive:
        return Api.read(json.loads(archive.read(f"{name}.{version}.json")))


def find(name: str, http: str, path: str) -> tuple[Api, Match] | None:
    """The API version and method behind a request to one API."""
    first = path.strip("/").partition("/")[0]
    known = versions().get(name, [])
    for version in [first] if first in known else known:
        found = api(name, version)
        if match := found.match(http, path):
            return found, match
    return None
