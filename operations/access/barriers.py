"""What stops a call that IAM would allow: organization policies of the estate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.iam import Answer, Decision, Held
from sandbox.iam.places import MANAGER, Places
from sandbox.iam.principals import blocks

# Permissions that an enforced constraint makes useless (documentation of the constraints, read 2026-11).
ENFORCED = {
    "iam.disableServiceAccountKeyCreation": "iam.serviceAccountKeys.create",
    "compute.disableSerialPortAccess": "compute.instances.getSerialPortOutput",
    "compute.restrictXpnProjectLienRemoval": "resourcemanager.projects.updateLiens",
}
SERVICES = "gcp.restrictServiceUsage"


@dataclass(frozen=True)
class Barrier:
    """One organization policy that refuses one permission, or a whole service, at a place and below."""

    address: str
    place: str
    constraint: str
    refused: str

    def stops(self, permission: str, above: list[str]) -> bool:
        """Whether it refuses a permission on a resource that lies in `above`."""
        service = f"{permission.partition('.')[0]}.googleapis.com"
        return self.refused in (permission, service) and self.place in above


@dataclass(frozen=True)
class Barriers:
    """The organization policies that stop whole permissions."""

    found: list[Barrier]
    places: Places

    @classmethod
    def of(cls, held: Iterable[Held], places: Places) -> Barriers:
        """The barriers among the resources of an estate."""
        policies = [one for one in held if one.type_ == "google_org_policy_policy"]
        return cls([barrier for policy in policies for barrier in _barriers(policy)], places)

    def stopping(self, permission: str, resource: str) -> Decision | None:
        """The refusal of the first organization policy that stops this, if any."""
        above = list(self.places.above(self.places.plain(resource)))
        for barrier in self.found:
            if barrier.stops(permission, above):
                why = f"{barrier.address} ({barrier.constraint}) refuses {barrier.refused} at {barrier.place}"
                return Decision(Answer.NO, why, (barrier.address,), "org policy")
        return None


def _barriers(policy: Held) -> Iterable[Barrier]:
    constraint = str(policy.values.get("name", "")).rpartition("/")[2]
    place = MANAGER + str(policy.values.get("parent", ""))
    for spec in blocks(policy.values.get("spec")):
        for rule in blocks(spec.get("rules")):
            for refused in _refused(constraint, rule):
                yield Barrier(policy.address, place, constraint, refused)


def _refused(constraint: str, rule: dict[str, Any]) -> Iterable[str]:
    if constraint in ENFORCED and str(rule.get("enforce")).lower() == "true":
        yield ENFORCED[constraint]
    if constraint == SERVICES:
        for values in blocks(rule.get("values")):
            yield from values.get("denied_values") or []
