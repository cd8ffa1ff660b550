"""Whether a call passes the service perimeters on its way: from where, by whom, to which project."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.iam import Held
from sandbox.iam.places import Places
from sandbox.iam.principals import blocks

INTERNET, WORKPLACE = "internet", "workplace"
PREFIX = "google_access_context_manager_"
NUMBER = re.compile(r"^number-of-")


@dataclass(frozen=True)
class Refusal:
    """What stops a call: the perimeter, what is missing, whether it only logs, and whether that is known at all."""

    address: str
    perimeter: str
    missing: str
    dry_run: bool
    known: bool = True

    def __str__(self) -> str:
        if not self.known:
            return (
                f"{self.address} ({self.perimeter}): its {self.missing} names methods whose permissions are not known"
            )
        verb = "would refuse it once it is enforced" if self.dry_run else "refuses it"
        return f"{self.address} ({self.perimeter}) {verb}: no {self.missing}"


@dataclass(frozen=True)
class Perimeters:
    """The perimeters of an estate, their projects and their doors; `roles` tells what a role is made of."""

    roles: Callable[[str], frozenset[str] | None]
    perimeters: Mapping[str, Held]
    members: Mapping[str, tuple[str, bool]]
    doors: list[Held] = field(default_factory=list)
    levels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, held: Iterable[Held], roles: Callable[[str], frozenset[str] | None]) -> Perimeters:
        """The perimeters among the resources of an estate."""
        found = [one for one in held if one.type_.startswith(PREFIX)]
        kinds = {one.address: one.type_.removeprefix(PREFIX) for one in found}
        members = {
            _project(one.values["resource"]): (_short(one.values["perimeter_name"]), "dry_run" in one.type_)
            for one in found
            if kinds[one.address].endswith("_resource")
        }
        return cls(
            roles,
            {_short(one.values["name"]): one for one in found if kinds[one.address] == "service_perimeter"},
            members,
            [one for one in found if kinds[one.address].endswith(("ingress_policy", "egress_policy"))],
            {_short(one.values["name"]): one.values for one in found if kinds[one.address] == "access_level"},
        )

    def refusal(
        self, identities: Collection[str], permission: str, resource: str, origin: str, places: Places
    ) -> Refusal | None:
        """What stops this call; `origin` is a project, `workplace` or `internet`. None where it passes."""
        above = [place.rpartition("/projects/")[2] for place in places.above(resource) if "/projects/" in place]
        target = next((project for project in above if project in self.members), None)
        inside, dry_run = self.members[target] if target else ("", False)
        outside = self.members.get(origin, ("", False))
        if inside == outside[0]:
            return None
        asked = (identities, permission, target or (above[-1] if above else ""))
        if inside and self._guards(inside, permission) and (enters := self._enters(inside, origin, *asked)) is not True:
            return self._refused(inside, f"ingress rule from {origin}", dry_run, enters)
        away = outside[0]
        if away and self._guards(away, permission) and (leaves := self._leaves(away, *asked)) is not True:
            return self._refused(away, f"egress rule to {asked[2]}", outside[1], leaves)
        return None

    def _refused(self, perimeter: str, missing: str, dry_run: bool, answer: bool | None) -> Refusal:
        return Refusal(self.perimeters[perimeter].address, perimeter, missing, dry_run, answer is not None)

    def _guards(self, perimeter: str, permission: str) -> bool:
        service = f"{permission.partition('.')[0]}.googleapis.com"
        return any(service in (spec.get("restricted_services") or ()) for spec in self._specs(perimeter))

    def _specs(self, perimeter: str) -> Iterator[Mapping[str, Any]]:
        values = self.perimeters[perimeter].values
        yield from (*blocks(values.get("spec")), *blocks(values.get("status")))

    def _enters(
        self, perimeter: str, origin: str, identities: Collection[str], permission: str, target: str
    ) -> bool | None:
        levels = [_short(level) for spec in self._specs(perimeter) for level in spec.get("access_levels") or ()]
        if any(self._meets(level, origin, identities) for level in levels):
            return True
        return _any(
            self._reaches(door.values["ingress_to"], permission, target)
            for door in self._doors(perimeter, "ingress")
            for way in blocks(door.values["ingress_from"])
            if _is_one(way, identities)
            and any(self._comes(source, origin, identities) for source in blocks(way.get("sources")))
        )

    def _leaves(self, perimeter: str, identities: Collection[str], permission: str, target: str) -> bool | None:
        return _any(
            self._reaches(door.values["egress_to"], permission, target)
            for door in self._doors(perimeter, "egress")
            for way in blocks(door.values["egress_from"])
            if _is_one(way, identities)
        )

    def _doors(self, perimeter: str, direction: str) -> Iterator[Held]:
        yield from (d for d in self.doors if direction in d.type_ and _short(d.values["perimeter"]) == perimeter)

    def _reaches(self, targets: Any, permission: str, project: str) -> bool | None:
        """Whether a door leads to a project, for this permission; None where its methods do not tell."""
        found: list[bool | None] = []
        for target in blocks(targets):
            if {_project(one) for one in target.get("resources") or ()} & {project, "*"}:
                found += [permission in (self.roles(role) or ()) for role in target.get("roles") or ()]
                found += [_selects(operation, permission) for operation in blocks(target.get("operations"))]
        return _any(found)

    def _comes(self, source: Mapping[str, Any], origin: str, identities: Collection[str]) -> bool:
        if source.get("resource"):
            return _project(source["resource"]) == origin
        level = str(source.get("access_level"))
        return level == "*" or self._meets(_short(level), origin, identities)

    def _meets(self, level: str, origin: str, identities: Collection[str]) -> bool:
        for basic in blocks(self.levels.get(level, {}).get("basic")):
            for condition in blocks(basic["conditions"]):
                if any(member in identities for member in condition.get("members") or ()):
                    return True
                if condition.get("ip_subnetworks") and origin == WORKPLACE:
                    return True
        return False


def _is_one(way: Mapping[str, Any], identities: Collection[str]) -> bool:
    return any(identity in identities for identity in way.get("identities") or ())


def _selects(operation: Mapping[str, Any], permission: str) -> bool | None:
    if operation.get("service_name") not in ("*", f"{permission.partition('.')[0]}.googleapis.com"):
        return False
    selectors = blocks(operation.get("method_selectors"))
    names = {str(one.get("permission") or one.get("method")).removeprefix("google.") for one in selectors}
    if names & {permission, "*"}:
        return True
    return None if any(name.startswith("cloud.") for name in names) else False


def _any(answers: Iterable[bool | None]) -> bool | None:
    """Yes where one is yes, else not known where one is not known."""
    found = list(answers)
    return True if True in found else None if None in found else False


def _project(resource: Any) -> str:
    return NUMBER.sub("", str(resource).removeprefix("projects/"))


def _short(name: Any) -> str:
    return str(name).rpartition("/")[2]
