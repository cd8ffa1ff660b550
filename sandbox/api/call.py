"""One request on its way through the facade."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sandbox.api import mapping
from sandbox.api.discovery import Api, Method
from sandbox.api.errors import invalid
from sandbox.api.operations import Operations
from sandbox.api.resources import Resources
from sandbox.iam import Held, Policies
from sandbox.iam.perimeters import PREFIX, Perimeters
from sandbox.iam.policies import READ
from sandbox.store import Store

Values = dict[str, Any]


Runner = Callable[[Values], Values]


class Facade:
    """What every request shares."""

    def __init__(
        self,
        store: Store,
        resources: Resources,
        operations: Operations,
        endpoint: str,
        runners: Mapping[str, Runner] | None = None,
    ) -> None:
        self.store, self.resources, self.operations, self.endpoint = store, resources, operations, endpoint
        self.runners = dict(runners or {})
        """Who really does a `build`, a `deployment` or a `custom_job`: gets the resource, returns what changed."""
        self.merged: list[Callable[[Values], None]] = []
        """Who is told of every merged pull request of the Git host."""
        self.closing: list[Callable[[], None]] = []
        """What ends together with the server."""
        self._known: tuple[tuple[int, ...], Policies, Perimeters] | None = None

    def cancelled(self, name: str) -> bool:
        """Has somebody cancelled this build, or this job of Vertex AI?"""
        service, key = ("cloudbuild", "status") if "/builds/" in name else ("aiplatform", "state")
        found = self.store.documents.get(mapping.kind(service, name), name) or {}
        return str(found.get(key)).endswith(("CANCELLED", "CANCELLING"))

    def policies(self) -> Policies:
        """Who may do what at this moment; read anew only after something changed."""
        return self._current()[0]

    def perimeters(self) -> Perimeters:
        """Which calls pass at this moment."""
        return self._current()[1]

    def _current(self) -> tuple[Policies, Perimeters]:
        revision, known = self.store.revision_matching(*READ, f"{PREFIX}*"), self._known
        if known is None or known[0] != revision:
            policies = Policies.of(self.store)
            held = [Held(f"{type_} {id_}", type_, values) for type_, id_, values in self.store.matching(f"{PREFIX}*")]
            perimeters = Perimeters.of(held, policies.permissions, policies.places.project)
            known = self._known = revision, policies, perimeters
        return known[1], known[2]


@dataclass(frozen=True)
class Call:
    """A request whose route, schema and caller are known."""

    facade: Facade
    api: Api
    method: Method
    principal: str
    name: str
    """The resource or parent that the path names."""
    verb: str
    query: dict[str, str]
    lists: dict[str, list[str]]
    body: Values
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.facade.store

    @property
    def resources(self) -> Resources:
        return self.facade.resources

    def asked(self, name: str, default: str = "") -> str:
        """A query parameter, in camelCase or as clients also write it."""
        from sandbox.api.checking import snake

        return self.query.get(name) or self.query.get(snake(name)) or default

    def get(self, name: str = "") -> Values:
        """The resource that the path (or `name`) names; 404 where there is none."""
        return self.resources.existing(self.api, name or self.name)

    def inside(self, given: Any, parent: str) -> str:
        """A name in the body, with its project's id; 400 where it is not in what the caller was judged on."""
        name = self.resources.plain(str(given or ""))
        if name != parent and not name.startswith(f"{parent}/"):
            raise invalid([("name", f"'{given}' is not in {parent}.")])
        return name

    def operation(self, response: Values, message: str = "", metadata: Values | None = None) -> Values:
        """A finished operation with this response; a change ends with what a creation ends with."""
        beside = self.api.methods.get(f"{self.method.id.rpartition('.')[0]}.create")
        known = self.method.result or (beside.result if beside and self.method.leaf in ("patch", "update") else "")
        return self.facade.operations.done(self.name, message or known, response, metadata)

    def link(self, name: str) -> str:
        """The address of a resource on this server."""
        return f"{self.facade.endpoint}/{self.api.name}/{self.api.base}{quote(name, safe='/')}"
