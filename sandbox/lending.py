"""Access for a time, a stand-in for Privileged Access Manager: who may asks, who may agrees, and it ends by itself.

A grant that is agreed to becomes access that the one IAM evaluator sees, under a condition on the time.
"""

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.errors import SandboxError
from sandbox.iam.policies import LENT, current
from sandbox.iam.principals import blocks, matches
from sandbox.store import Store

ENTITLEMENT, GRANT = "google_privileged_access_manager_entitlement", "sandbox_grant"
WAITING, ACTIVE, ENDED = "APPROVAL_AWAITED", "ACTIVE", "ENDED"


@dataclass(frozen=True)
class Grant:
    """One request for access and what became of it; moments are ISO texts, empty where they have not come."""

    name: str
    requester: str
    seconds: int
    why: str
    state: str = WAITING
    approver: str = ""
    approved_because: str = ""
    ends: str = ""


class Refusal(SandboxError):  # noqa: N818
    """Somebody may not do this, or it cannot be done now."""


@dataclass(frozen=True)
class Lender:
    """The grants of one sandbox. `now` is the clock."""

    store: Store
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def request(self, entitlement: str, principal: str, seconds: int, why: str) -> Grant:
        """Ask for access. Refusal for who is not eligible, for too long, and without a reason."""
        values = self._entitlement(entitlement)
        eligible = [member for users in blocks(values["eligible_users"]) for member in users["principals"]]
        if not self._among(principal, eligible):
            raise Refusal(f"{entitlement}: {principal} may not ask; only {', '.join(eligible)} may")
        longest = int(str(values["max_request_duration"]).removesuffix("s"))
        if not 0 < seconds <= longest:
            raise Refusal(f"{entitlement}: {seconds} s is more than the {longest} s allowed; ask for less")
        if not why.strip():
            raise Refusal(f"{entitlement}: a reason is needed; say why")
        grant = Grant(f"{entitlement}/grants/{uuid.uuid4()}", principal, seconds, why)
        self.store.put(GRANT, grant.name, asdict(grant))
        return grant

    def approve(self, name: str, principal: str, why: str) -> Grant:
        """Agree to a request; from now on the requester has access. Nobody agrees to their own request."""
        grant = self._grant(name)
        entitlement, _, _ = name.partition("/grants/")
        values = self._entitlement(entitlement)
        if not self._among(principal, approvers := _approvers(values)):
            raise Refusal(f"{name}: {principal} may not approve; only {', '.join(approvers)} may")
        if principal == grant.requester:
            raise Refusal(f"{name}: nobody approves their own request; ask another approver")
        if grant.state != WAITING:
            raise Refusal(f"{name}: is {grant.state}; make a new request")
        if not why.strip():
            raise Refusal(f"{name}: a reason is needed; say why")
        ends = (self.now() + timedelta(seconds=grant.seconds)).isoformat()
        active = replace(grant, state=ACTIVE, approver=principal, approved_because=why, ends=ends)
        self.store.put(GRANT, name, asdict(active))
        for binding in _bindings(values):
            self._lend(active, *binding)
        return active

    def grants(self) -> list[Grant]:
        """Every grant, the present state of each."""
        return [self._present(Grant(**values)) for _, values in self.store.find(GRANT)]

    def _lend(self, grant: Grant, place: str, role: str, only: str) -> None:
        """Give one role until the grant ends, `only` where the entitlement's own condition holds."""
        ends = f'request.time < timestamp("{grant.ends}")'
        condition = {"title": grant.name, "expression": f"({only}) && {ends}" if only else ends}
        values = {"place": place, "role": role, "member": grant.requester, "condition": [condition]}
        self.store.put(LENT, f"{grant.name}/{role}{only and '/'}{only}", values)

    def _present(self, grant: Grant) -> Grant:
        over = grant.state == ACTIVE and self.now() >= datetime.fromisoformat(grant.ends)
        return replace(grant, state=ENDED) if over else grant

    def _grant(self, name: str) -> Grant:
        values = self.store.get(GRANT, name)
        if values is None:
            raise Refusal(f"{name}: no such request; see the list of requests")
        return self._present(Grant(**values))

    def _entitlement(self, name: str) -> dict[str, Any]:
        values = self.store.get(ENTITLEMENT, name)
        if values is None:
            raise Refusal(f"{name}: no such entitlement; deploy the stack that makes it")
        return values

    def _among(self, principal: str, wanted: list[str]) -> bool:
        identities = current(self.store).groups.identities(principal)
        return any(matches(member, identities) for member in wanted)


def _approvers(values: dict[str, Any]) -> list[str]:
    flows = [flow for workflow in blocks(values["approval_workflow"]) for flow in blocks(workflow["manual_approvals"])]
    steps = [step for flow in flows for step in blocks(flow["steps"])]
    return [member for step in steps for group in blocks(step["approvers"]) for member in group["principals"]]


def _bindings(values: dict[str, Any]) -> list[tuple[str, str, str]]:
    access = [one for privileged in blocks(values["privileged_access"]) for one in blocks(privileged["gcp_iam_access"])]
    return [
        (str(one["resource"]), str(bound["role"]), str(bound.get("condition_expression") or ""))
        for one in access
        for bound in blocks(one["role_bindings"])
    ]
