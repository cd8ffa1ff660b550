"""Resources of every API: those with a Terraform type live where Terraform finds them, the others as documents."""

import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sandbox import creation, deletion, physics, planning
from sandbox.api import conversion, mapping
from sandbox.api.discovery import Api
from sandbox.api.errors import ApiError, exists, not_found
from sandbox.api.mapping import Mapping
from sandbox.blocks import Block
from sandbox.configuration import Configuration
from sandbox.diagnostics import Refused
from sandbox.labels import plan_labels
from sandbox.physics.change import Broken, Change
from sandbox.schema import Schemas
from sandbox.store import Store

Values = dict[str, Any]

_ACCOUNT = re.compile(r"^projects/-(?=/serviceAccounts/[^@/]+@([^./]+)\.iam\.)")
_CODE = re.compile(r"Error (\d{3}): ?(.*?)(?:, (\w+))?$", re.S)


class Resources:
    """Reads and writes of whole resources by their API name. `writing` is held by whoever reads to write."""

    def __init__(self, store: Store, schemas: Callable[[], Schemas]) -> None:
        self.store, self._schemas = store, schemas
        self.writing = threading.RLock()

    def get(self, api: Api, name: str) -> Values | None:
        """A resource as its API shows it."""
        line = mapping.of_name(api.name, name)
        if line is None:
            return self.store.documents.get(mapping.kind(api.name, name), name)
        id_, values = self.find(line, name)
        return None if values is None else self._shown(api, line, name, id_, values)

    def find(self, line: Mapping, name: str) -> tuple[str, Values | None]:
        """The Terraform id behind a name and what is there; some ids name the project by its number."""
        id_ = line.id_of(name)
        values = self.store.get(line.type_, id_)
        parts = id_.split("/")
        if values is None and parts[0] == "projects" and len(parts) > 2:
            numbered = "/".join(["projects", str(self.store.number("project", parts[1])), *parts[2:]])
            values = self.store.get(line.type_, numbered)
            id_ = numbered if values is not None else id_
        return id_, values

    def plain(self, name: str) -> str:
        """A name with the id of its project, where it has the number, or leaves it to the address of an account."""
        name = _ACCOUNT.sub(r"projects/\1", name)
        match = re.match(r"projects/(\d+)(?=/|$)", name)
        project = self.store.numbered("project", int(match[1])) if match else None
        return f"projects/{project}{name[match.end() :]}" if match and project else name

    def existing(self, api: Api, name: str) -> Values:
        """A resource, or 404."""
        found = self.get(api, name)
        if found is None:
            raise not_found(name)
        return found

    def below(self, api: Api, parent: str, collection: str) -> Iterator[tuple[str, Values]]:
        """(name, resource) of a collection, by name; a part of the parent may be `-` for any."""
        for name, show in self.entries(api, parent, collection):
            yield name, show()

    def entries(self, api: Api, parent: str, collection: str) -> Iterator[tuple[str, Callable[[], Values]]]:
        """As `below`, but each resource is put together only when it is called for."""
        probe = f"{parent}/{collection}/x".strip("/")
        wanted = re.compile(re.escape(f"{parent}/{collection}/".lstrip("/")).replace(r"/\-/", "/[^/]+/") + "[^/]+")
        line = mapping.of_name(api.name, probe)
        if line is None:
            for name, body in self.store.documents.find(mapping.kind(api.name, probe)):
                if wanted.fullmatch(name):
                    yield name, partial(dict, body)
            return
        for id_, values in self.store.find(line.type_):
            name = self.plain(line.name_of(id_, values))
            if wanted.fullmatch(name):
                yield name, partial(self._shown, api, line, name, id_, values)

    def create(self, api: Api, name: str, body: Values, attributes: Values | None = None) -> tuple[str, Values]:
        """Make a resource; its name where Google chooses it, else the given one. 409 where it exists."""
        line = mapping.of_name(api.name, name)
        if line is None:
            if not self.store.documents.create(mapping.kind(api.name, name), name, body):
                raise exists(name)
            return name, body
        block = self.block(line.type_)
        config = self._config(line, block, name, body, new=True) | (attributes or {})
        values = self._apply(line, block, config, None)
        id_ = str(values["id"])
        name = self.plain(line.name_of(id_, values))
        self._remember(api, line, block, id_, body)
        return name, self._shown(api, line, name, id_, values)

    def replace(self, api: Api, name: str, body: Values) -> Values:
        """Change a resource to what `body` says in whole."""
        line = mapping.of_name(api.name, name)
        if line is None:
            self.store.documents.put(mapping.kind(api.name, name), name, body)
            return body
        block = self.block(line.type_)
        id_, prior = self.find(line, name)
        if prior is None:
            raise not_found(name)
        values = self._apply(line, block, self._config(line, block, name, body, new=False), prior)
        self._remember(api, line, block, id_, body)
        return self._shown(api, line, name, id_, values)

    def delete(self, api: Api, name: str) -> None:
        """Remove a resource and what lies below it; 404 where there is none, 400 where Google refuses."""
        line = mapping.of_name(api.name, name)
        if line is None:
            self.existing(api, name)
            self.store.documents.delete(mapping.kind(api.name, name), name)
            self.store.documents.delete_below(f"{name}/")
            return
        _, values = self.find(line, name)
        if values is None:
            raise not_found(name)
        with as_answers():
            physics.check(self.store, Change(line.type_, "delete", values, values))
            deletion.delete(self.store, line.type_, values)

    def block(self, type_: str) -> Block:
        """The shape of a Terraform type."""
        schemas = self._schemas()
        found = schemas.google if type_ in schemas.google.resources else schemas.beta
        return found.resource(type_)

    def _config(self, line: Mapping, block: Block, name: str, body: Values, *, new: bool) -> Values:
        held = line.attributes(name)
        if new and line.generated:
            held = {key: value for key, value in held.items() if key != "trigger_id"}
        config = conversion.to_config(line, block, body)
        config |= {
            key: value for key, value in held.items() if key in block.attributes and block.attributes[key].settable
        }
        return config

    def _apply(self, line: Mapping, block: Block, config: Values, prior: Values | None) -> Values:
        project = str((prior or config).get("project") or "") or None
        settings = Configuration(project=project, attribution=False)
        planned = planning.plan(block, config, prior)
        plan_labels(block, config, planned, prior, settings)
        change = creation.create if prior is None else creation.update
        with as_answers():
            physics.check(self.store, Change(line.type_, "create" if prior is None else "update", planned, prior))
            return change(self.store, line.type_, block, planned, settings, None)

    def _remember(self, api: Api, line: Mapping, block: Block, id_: str, body: Values) -> None:
        """Keep what Terraform's values cannot say; the entry also tells that the API had a hand in it."""
        decided = conversion.known(api, line, block)
        self.store.documents.put(line.type_, id_, {key: value for key, value in body.items() if key not in decided})

    def _shown(self, api: Api, line: Mapping, name: str, id_: str, values: Values) -> Values:
        beside = self.store.documents.get(line.type_, id_) or {}
        return beside | conversion.to_message(api, line, values) | self._name(api, line, name)

    def _name(self, api: Api, line: Mapping, name: str) -> Values:
        known = api.properties(line.schema)
        if "resourceName" in known:  # such as a build trigger, whose `name` is what people call it
            return {"resourceName": name}
        if "name" not in known:
            return {}
        short = api.name in ("storage", "bigquery")
        return {"name": name.rpartition("/")[2] if short else name}


class as_answers:  # noqa: N801
    """What the sandbox refuses to Terraform, in the words of the API behind it."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if not isinstance(problem, Refused):
            return
        if isinstance(problem, Broken):
            raise broken(problem) from None
        found = _CODE.search(problem.summary)
        code = int(found.group(1)) if found else 400
        text = (found.group(2) if found else problem.summary).strip()
        reason = (found.group(3) or "") if found else "failedPrecondition"
        detail = f"{text}{' ' + problem.detail if problem.detail else ''}"
        status = "FAILED_PRECONDITION" if code == 400 else ""
        raise ApiError(code, detail, status, reason) from None


def broken(problem: Broken) -> ApiError:
    """A law of Google's that was broken, with the rule that says so."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": problem.reason,
        "domain": "googleapis.com",
        "metadata": {"rule": f"sandbox/physics/rules/{problem.rule}.py", "way_out": problem.way_out},
    }
    return ApiError(problem.code, problem.message, problem.status, problem.reason, [info])
