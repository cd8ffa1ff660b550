"""May a principal use a permission on a resource? The answer, what decided it, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sandbox.iam.conditions import NotUnderstood, context_of, holds
from sandbox.iam.policies import Denial, Grant, Policies, current
from sandbox.iam.principals import matches
from sandbox.store import Store

# Services that permissions and deny policies call by different words (list of permissions for deny policies, 2026-11).
_SERVICES = {
    "resourcemanager": "cloudresourcemanager",
    "billing": "cloudbilling",
    "cloudsecurityscanner": "websecurityscanner",
}


class Answer(Enum):
    """What can be said."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class Decision:
    """An answer with its reason; `by` are the addresses of what decided, each of which alone would have."""

    answer: Answer
    why: str
    by: tuple[str, ...] = ()
    kind: str = "none"

    @property
    def allowed(self) -> bool:
        """True only where the answer is a sure yes."""
        return self.answer is Answer.YES


def decide(
    given: Policies | Store, principal: str, permission: str, resource: str, context: Mapping[str, Any] | None = None
) -> Decision:
    """Whether `principal` may use `permission` on `resource`, a full resource name, as Google would decide.

    Denials come first, then boundaries, then grants on the resource and on everything it lies in. `context` gives the
    attributes that conditions ask for. A role whose permissions are not known makes the answer unknown, never a guess.
    """
    policies = given if isinstance(given, Policies) else current(given)
    resource = policies.places.plain(resource)
    request = _Request(policies, principal, permission, resource, context_of(principal, resource, context or {}))
    return request.denied() or request.out_of_bounds() or request.granted()


class _Request:
    def __init__(
        self, policies: Policies, principal: str, permission: str, resource: str, context: Mapping[str, Any]
    ) -> None:
        self.policies, self.principal, self.permission = policies, principal, permission
        self.resource = resource
        self.identities = policies.groups.identities(principal)
        self.above = list(policies.places.above(resource))
        self.context = {"resource.tags": policies.tags.of(self.above)} | dict(context)

    def denied(self) -> Decision | None:
        found = [d for place in self.above for d in self.policies.denials.get(place, ()) if self._refuses(d)]
        unknown = None
        for denial in found:
            if (met := self._met(denial.condition)) is True:
                by = tuple(dict.fromkeys(d.address for d in found))
                return Decision(Answer.NO, f"{denial.address} at {denial.place} denies {self.permission}", by, "deny")
            if isinstance(met, str):
                unknown = unknown or Decision(Answer.UNKNOWN, met, (denial.address,), "condition")
        return unknown

    def _refuses(self, denial: Denial) -> bool:
        return (
            any(named(self.permission, written) for written in denial.permissions)
            and not any(named(self.permission, written) for written in denial.excepted_permissions)
            and any(matches(written, self.identities) for written in denial.principals)
            and not any(matches(written, self.identities) for written in denial.excepted_principals)
        )

    def out_of_bounds(self) -> Decision | None:
        """Outside all the boundaries that bind this principal: what one of them lets in, is in."""
        binding = [b for b in self.policies.boundaries if self._inside(b.principals) and self._met(b.condition) is True]
        if not binding or any(self.policies.places.plain(r) in self.above for b in binding for r in b.resources):
            return None
        by = tuple(dict.fromkeys(boundary.address for boundary in binding))
        return Decision(Answer.NO, f"{by[0]} bounds {binding[0].principals}", by, "boundary")

    def _inside(self, principals: str) -> bool:
        """Whether this principal lives in a principal set: a project's accounts, or everybody of an organization."""
        home = principals.partition(":")[2]
        if self.principal.startswith("serviceAccount:"):
            project = self.principal.rpartition("@")[2].partition(".")[0]
            place = f"//cloudresourcemanager.googleapis.com/projects/{project}"
            return self.policies.places.plain(home) in self.policies.places.above(place)
        return home.startswith("//cloudresourcemanager.googleapis.com/organizations/") or "workspace" in home

    def granted(self) -> Decision:
        mine = list(self._mine())
        giving, unknown = [], []
        for grant in mine:
            held = self.policies.permissions(grant.role)
            if held is not None and self.permission not in held:
                continue
            met = self._met(grant.condition)
            if isinstance(met, str):
                unknown.append((grant, met))
            elif met and held is None:
                unknown.append((grant, f"the permissions of {grant.role} are not known"))
            elif met:
                giving.append(grant)
        if giving:
            return _yes(giving)
        if unknown:
            grant, why = unknown[0]
            return Decision(Answer.UNKNOWN, f"{grant.address}: {why}", tuple(g.address for g, _ in unknown), "unknown")
        return self._no(mine)

    def _mine(self) -> Iterator[Grant]:
        for place in self.above:
            for grant in self.policies.grants.get(place, ()):
                if matches(grant.member, self.identities):
                    yield grant

    def _no(self, mine: list[Grant]) -> Decision:
        roles = sorted({grant.role for grant in mine})
        held = f"it holds only {', '.join(roles)} there" if roles else "it holds no role there"
        why = f"no binding on {self.resource} or above gives {self.permission} to {self.principal}; {held}"
        return Decision(Answer.NO, why, (), "none")

    def _met(self, condition: str | None) -> bool | str:
        if condition is None:
            return True
        try:
            return holds(condition, self.context)
        except NotUnderstood as error:
            return str(error)


def _yes(giving: list[Grant]) -> Decision:
    first = giving[0]
    condition = f" if {first.condition}" if first.condition else ""
    why = f"{first.address} gives {first.role} to {first.member} at {first.place}{condition}"
    return Decision(Answer.YES, why, tuple(dict.fromkeys(grant.address for grant in giving)), "allow")


def service_of(permission: str) -> str:
    """The API that a permission belongs to, such as `storage.googleapis.com`."""
    word = permission.partition(".")[0]
    return f"{_SERVICES.get(word, word)}.googleapis.com"


def permission_of(written: str) -> str:
    """A permission as deny policies spell it, in the spelling of roles."""
    service, _, rest = written.partition(".googleapis.com/")
    return f"{next((ours for ours, theirs in _SERVICES.items() if theirs == service), service)}.{rest}"


def named(permission: str, written: str) -> bool:
    """Whether a permission, as roles spell it, is the one that a deny policy spells `service.googleapis.com/a.b`."""
    service, _, rest = permission.partition(".")
    wanted, _, pattern = written.partition("/")
    if wanted != f"{_SERVICES.get(service, service)}.googleapis.com":
        return False
    kind, _, verb = rest.rpartition(".")
    wanted_kind, _, wanted_verb = pattern.rpartition(".")
    return wanted_kind in ("*", kind) and wanted_verb in ("*", verb)
