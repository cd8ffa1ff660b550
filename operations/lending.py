"""Access for a time, asked for and agreed to: to source data, and in an emergency. In the sandbox, or at Google."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from groups.personas import read as read_personas
from operations import credentials
from operations.findings import Inconclusive
from operations.google_api import Google, endpoint
from operations.outcome import Exit, OperationFailed
from operations.target import as_failures
from sandbox.lending import Grant, Lender, Refusal
from sandbox.store import Store
from settings.loading import names_of, read
from settings.model import Installation
from settings.names import COMMON
from settings.problems import InvalidSettings, Problem, suggestion

SERVICE = "privilegedaccessmanager"
HOURS = 60 * 60


class Lending(Protocol):
    """What can be done about access for a time."""

    def request(self, entitlement: str, principal: str, seconds: int, why: str) -> Grant: ...
    def approve(self, name: str, principal: str, why: str) -> Grant: ...
    def of(self, entitlement: str) -> list[Grant]: ...


def entitlements(it: Installation) -> dict[str, tuple[str, int]]:
    """What may be asked for, by the word for it: the entitlement and its hours."""
    names = names_of(it)
    found = {
        key: (f"projects/{names.project('data', key)}/locations/global/entitlements/read-{key}", s.maximum_access_hours)
        for key, s in it.sources.items()
    }
    for key, persona in read_personas().items():
        for word, lent in persona.lent.items():
            project, slug = names.project(COMMON, lent.place), key.replace("_", "-")
            id_ = f"projects/{project}/locations/global/entitlements/{slug}-{word}"
            found[slug] = id_, lent.hours
    return found


def entitlement_of(settings: Path, word: str) -> tuple[str, int]:
    """The entitlement for a word and the longest time in hours. InvalidSettings where nothing is called so."""
    known = entitlements(read(settings))
    if word not in known:
        way_out = suggestion(word, known, f"write one of {', '.join(known)}")
        raise InvalidSettings([Problem(f"'{word}'", "is nothing that is lent", way_out)])
    return known[word]


@dataclass(frozen=True)
class SandboxLending:
    """Grants of the sandbox on this computer."""

    lender: Lender

    def request(self, entitlement: str, principal: str, seconds: int, why: str) -> Grant:
        with _refused():
            return self.lender.request(entitlement, principal, seconds, why)

    def approve(self, name: str, principal: str, why: str) -> Grant:
        with _refused():
            return self.lender.approve(name, principal, why)

    def of(self, entitlement: str) -> list[Grant]:
        return [grant for grant in self.lender.grants() if grant.name.startswith(f"{entitlement}/")]


@dataclass(frozen=True)
class GoogleLending:
    """Grants of Privileged Access Manager, as the caller of the credentials; nobody else can be acted for."""

    google: Google

    def request(self, entitlement: str, principal: str, seconds: int, why: str) -> Grant:
        body = {"requestedDuration": f"{seconds}s", "justification": {"unstructuredJustification": why}}
        return _grant(self.google.post(SERVICE, f"v1/{entitlement}/grants", body))

    def approve(self, name: str, principal: str, why: str) -> Grant:
        return _grant(self.google.post(SERVICE, f"v1/{name}:approve", {"reason": why}))

    def of(self, entitlement: str) -> list[Grant]:
        return [_grant(one) for one in self.google.get(SERVICE, f"v1/{entitlement}/grants").get("grants", [])]


def _grant(answer: dict[str, object]) -> Grant:
    said = answer.get("justification")
    why = str(said.get("unstructuredJustification", "")) if isinstance(said, dict) else ""
    seconds = int(str(answer.get("requestedDuration", "0s")).removesuffix("s"))
    return Grant(str(answer["name"]), str(answer.get("requester", "")), seconds, why, str(answer.get("state", "")))


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except Refusal as error:
        problem = Problem.told(str(error))
        raise OperationFailed(problem.place, problem.text, problem.way_out, code=Exit.REFUSED) from None


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except Inconclusive as error:
        raise OperationFailed("google", error.text, error.way_out) from None


@contextmanager
def lending(target: str, root: Path) -> Iterator[Lending]:
    """Where access is lent: the sandbox below `root`, or Google with the caller's credentials."""
    if target == "google":
        found = credentials.find()
        if found is None:
            raise OperationFailed("google", "nobody is logged in", "gcloud auth application-default login")
        hosts = {SERVICE: f"https://{SERVICE}.googleapis.com"}
        with _answered():
            yield GoogleLending(Google(found.token, hosts, found.quota_project, endpoint()))
        return
    file = root / ".sandbox/cloud.db"
    if not file.exists():
        raise OperationFailed(str(file), "there is no sandbox", "blueprint up")
    with as_failures(), Store(file) as store:
        yield SandboxLending(Lender(store))
