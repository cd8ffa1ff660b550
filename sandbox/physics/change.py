"""What somebody asks for, and how Google says no."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from sandbox.diagnostics import Refused
from sandbox.iam.origins import INTERNET
from sandbox.templates import last

Values = dict[str, Any]
Path = tuple[str | int, ...]

_GERUNDS = {"create": "creating", "update": "updating", "delete": "deleting"}


@dataclass(frozen=True)
class Change:
    """One resource to be created, updated or deleted, whoever asks: Terraform or a client of the API.

    `values` is what it is to become; for a delete, what it is. What Google has yet to decide is unknown or missing.
    `consumer` is the project that the call is charged to, where the caller names one. `caller` is who asks, as IAM
    spells it; empty where somebody else judges that, or for the person at this computer. `origin` is from where.
    """

    type: str
    action: str
    values: Values
    prior: Values | None = None
    consumer: str = ""
    caller: str = ""
    origin: str = INTERNET

    def text(self, name: str) -> str:
        """A top-level attribute as text; empty where it is not known."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    @cached_property
    def strings(self) -> list[tuple[Path, str]]:
        """Every known text in the values, with its place."""
        return list(_strings(self.values, ()))

    @cached_property
    def what(self) -> str:
        """The resource for people: creating StorageBucket."""
        noun = "".join(part.capitalize() for part in self.type.removeprefix("google_").split("_"))
        return f"{_GERUNDS[self.action]} {noun}"


def _strings(values: Any, path: Path) -> Iterator[tuple[Path, str]]:
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        if isinstance(value, str):
            yield (*path, key), value
        elif isinstance(value, dict | list):
            yield from _strings(value, (*path, key))


class Broken(Refused):
    """A law of Google's was broken: code, status and reason as its API gives them, and which rule said so."""

    rule = ""

    def __init__(
        self, code: int, status: str, message: str, reason: str, *, path: Path = (), way_out: str = ""
    ) -> None:
        super().__init__(message, way_out, path)
        self.code, self.status, self.message, self.reason, self.way_out = code, status, message, reason, way_out

    def about(self, change: Change, rule: str) -> "Broken":
        """The same, in the words of Terraform's provider and with the name of the rule."""
        self.rule = rule
        self.summary = f"Error {change.what}: googleapi: Error {self.code}: {self.message}, {self.reason}"
        self.detail = f"{self.way_out or 'See the rule.'} (status {self.status}; rule sandbox/physics/rules/{rule}.py)"
        self.args = (self.summary,)
        return self


def missing(what: str, path: Path = (), way_out: str = "") -> Broken:
    """404 in Google's words."""
    hint = way_out or "It must exist before; depend on what makes it."
    return Broken(404, "NOT_FOUND", f"{what} was not found", "notFound", path=path, way_out=hint)


def forbidden(message: str, reason: str, *, path: Path = (), way_out: str = "") -> Broken:
    """403 in Google's words."""
    return Broken(403, "PERMISSION_DENIED", message, reason, path=path, way_out=way_out)


def invalid(message: str, *, path: Path = (), way_out: str = "") -> Broken:
    """400 for a request that cannot be meant."""
    return Broken(400, "INVALID_ARGUMENT", message, "invalid", path=path, way_out=way_out)


def unmet(message: str, reason: str = "failedPrecondition", *, path: Path = (), way_out: str = "") -> Broken:
    """400 for a request that would be fine in another state of things."""
    return Broken(400, "FAILED_PRECONDITION", message, reason, path=path, way_out=way_out)


def violates(constraint: str, resource: str, why: str, *, path: Path = ()) -> Broken:
    """412 of an organization policy."""
    message = f"Constraint constraints/{constraint} violated for {resource}: {why}"
    hint = "Change the resource, or have the organization policy changed."
    return Broken(412, "FAILED_PRECONDITION", message, "conditionNotMet", path=path, way_out=hint)


_IN_PROJECT = re.compile(r"(?:(?://)?cloudresourcemanager\.googleapis\.com/)?projects/([^/]+)")
_HOLDERS = ("crypto_key_id", "key_ring", "service_account_id", "taxonomy", "crypto_key", "secret", "network", "parent")


def project_in(values: Values) -> str:
    """The project that a resource's values name, as they spell it; empty where they name none."""
    value = values.get("project")
    if isinstance(value, str):
        return last(value)
    for name in _HOLDERS:
        value = values.get(name)
        if isinstance(value, str) and (found := _IN_PROJECT.match(unquote(value))):
            return found[1]
    return ""
