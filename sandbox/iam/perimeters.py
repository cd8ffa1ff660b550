"""Whether a call passes the service perimeters on its way: from where, by whom, to which project."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.iam.decision import service_of
from sandbox.iam.origins import WORKPLACE
from sandbox.iam.places import Places
from sandbox.iam.policies import Held
from sandbox.iam.principals import blocks

PREFIX = "google_access_context_manager_"
_ANYBODY = {"ANY_IDENTITY": "", "ANY_USER_ACCOUNT": "user:", "ANY_SERVICE_ACCOUNT": "serviceAccount:"}
Roles = Callable[[str], frozenset[str] | None]


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
class Configuration:
    """Half of what a perimeter says: what is enforced (`status`), or what a dry run would be (`spec`)."""

    dry_run: bool
    perimeters: Mapping[str, Held]
    members: Mapping[str, str]
    """Project -> perimeter."""
    doors: Mapping[tuple[str, str], list[Mapping[str, Any]]]
    """(perimeter, direction) -> rules."""

    def specs(self, perimeter: str) -> list[Mapping[str, Any]]:
        """The blocks that hold this half."""
        return blocks(self.perimeters[perimeter].values.get("spec" if self.dry_run else "status"))


@dataclass(frozen=True)
class Perimeters:
    """The perimeters of an estate; `roles` tells what a role is made of, `project` which project a reference means."""

    roles: Roles
    project: Callable[[str], str]
    halves: tuple[Configuration, ...]
    levels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, held: Iterable[Held], roles: Roles, project: Callable[[str], str]) -> Perimeters:
        """The perimeters among the resources of an estate. `project` is told the number or the id of one."""
        found = [one for one in held if one.type_.startswith(PREFIX)]

        def named(resource: Any) -> str:
            return project(str(resource).removeprefix("projects/"))

        halves = tuple(_half(found, named, dry_run=dry_run) for dry_run in (False, True))
        levels = {short(one.values["name"]): one.values for one in found if one.type_ == f"{PREFIX}access_level"}
        return cls(roles, named, halves, levels)

    def refusal(
        self, identities: Collection[str], permission: str, resource: str, origin: str, places: Places
    ) -> Refusal | None:
        """What stops this call; `origin` is a project, `workplace` or `internet`. None where it passes.

        What is enforced goes before what a dry run would say. What lies in no project lies in no perimeter.
        """
        above = [place.rpartition("/projects/")[2] for place in places.above(resource) if "/projects/" in place]
        for half in self.halves:
            if half.members and above:
                call = _Call(self, half, identities, permission, above, origin)
                if refused := call.refusal():
                    return refused
        return None

    def meets(self, level: str, origin: str, identities: Collection[str]) -> bool:
        """Whether a caller is at an access level: by who it is, or by standing in the workplace's network."""
        for basic in blocks(self.levels.get(level, {}).get("basic")):
            met = [_met(condition, origin, identities) for condition in blocks(basic["conditions"])]
            if met and (any(met) if basic.get("combining_function") == "OR" else all(met)):
                return True
        return False


@dataclass(frozen=True)
class _Call:
    """One call, before one half of all perimeters."""

    all: Perimeters
    half: Configuration
    identities: Collection[str]
    permission: str
    above: list[str]
    origin: str

    def refusal(self) -> Refusal | None:
        members = self.half.members
        target = next((project for project in self.above if project in members), None)
        inside, away = members[target] if target else "", members.get(self.origin, "")
        if inside == away:
            return None
        asked = target or self.above[-1]
        if inside and self._guards(inside) and (enters := self._enters(inside, asked)) is not True:
            return self._refused(inside, f"ingress rule from {self.origin}", enters)
        if away and self._guards(away) and (leaves := self._leaves(away, asked)) is not True:
            return self._refused(away, f"egress rule to {asked}", leaves)
        return None

    def _refused(self, perimeter: str, missing: str, answer: bool | None) -> Refusal:
        address = self.half.perimeters[perimeter].address
        return Refusal(address, perimeter, missing, self.half.dry_run, answer is not None)

    def _guards(self, perimeter: str) -> bool:
        service = service_of(self.permission)
        return any(service in (spec.get("restricted_services") or ()) for spec in self.half.specs(perimeter))

    def _enters(self, perimeter: str, target: str) -> bool | None:
        levels = [short(level) for spec in self.half.specs(perimeter) for level in spec.get("access_levels") or ()]
        if any(self.all.meets(level, self.origin, self.identities) for level in levels):
            return True
        return _any(
            self._reaches(rule["ingress_to"], target)
            for rule in self.half.doors.get((perimeter, "ingress"), ())
            for way in blocks(rule["ingress_from"])
            if self._is_one(way) and any(self._comes(source) for source in blocks(way.get("sources")))
        )

    def _leaves(self, perimeter: str, target: str) -> bool | None:
        return _any(
            self._reaches(rule["egress_to"], target)
            for rule in self.half.doors.get((perimeter, "egress"), ())
            for way in blocks(rule["egress_from"])
            if self._is_one(way)
        )

    def _reaches(self, targets: Any, project: str) -> bool | None:
        """Whether a door leads to a project, for this permission; None where its methods do not tell."""
        found: list[bool | None] = []
        for target in blocks(targets):
            named = {one if one == "*" else self.all.project(one) for one in target.get("resources") or ()}
            if named & {project, "*"}:
                found += [self.permission in (self.all.roles(role) or ()) for role in target.get("roles") or ()]
                found += [_selects(operation, self.permission) for operation in blocks(target.get("operations"))]
        return _any(found)

    def _comes(self, source: Mapping[str, Any]) -> bool:
        if source.get("resource"):
            return self.all.project(source["resource"]) == self.origin
        level = str(source.get("access_level"))
        return level == "*" or self.all.meets(short(level), self.origin, self.identities)

    def _is_one(self, way: Mapping[str, Any]) -> bool:
        kind = _ANYBODY.get(str(way.get("identity_type")))
        if kind is not None:
            return any(identity.startswith(kind) for identity in self.identities)
        return any(identity in self.identities for identity in way.get("identities") or ())


def _half(found: list[Held], project: Callable[[Any], str], *, dry_run: bool) -> Configuration:
    """What is written in the perimeters themselves, and what attaches itself to them."""
    kind = "service_perimeter_dry_run_" if dry_run else "service_perimeter_"
    perimeters = {short(one.values["name"]): one for one in found if one.type_ == f"{PREFIX}service_perimeter"}
    half = Configuration(dry_run, perimeters, {}, {})
    members, doors = dict(half.members), dict(half.doors)
    for name in perimeters:
        for spec in half.specs(name):
            members |= {project(resource): name for resource in spec.get("resources") or ()}
            for direction in ("ingress", "egress"):
                doors.setdefault((name, direction), []).extend(blocks(spec.get(f"{direction}_policies")))
    for one in found:
        if one.type_ == f"{PREFIX}{kind}resource":
            members[project(one.values["resource"])] = short(one.values["perimeter_name"])
        for direction in ("ingress", "egress"):
            if one.type_ == f"{PREFIX}{kind}{direction}_policy":
                doors.setdefault((short(one.values["perimeter"]), direction), []).append(one.values)
    known = {place: name for place, name in members.items() if name in perimeters}
    return Configuration(dry_run, perimeters, known, doors)


def _selects(operation: Mapping[str, Any], permission: str) -> bool | None:
    if operation.get("service_name") not in ("*", service_of(permission)):
        return False
    selectors = blocks(operation.get("method_selectors"))
    names = {str(one.get("permission") or one.get("method")).removeprefix("google.") for one in selectors}
    if names & {permission, "*"}:
        return True
    return None if any(name.startswith("cloud.") for name in names) else False


def _met(condition: Mapping[str, Any], origin: str, identities: Collection[str]) -> bool:
    """Everything that one condition names has to be so; what is not known here never is."""
    named = {key for key, value in condition.items() if value}
    return (
        bool(named)
        and named <= {"members", "ip_subnetworks"}
        and ("members" not in named or any(member in identities for member in condition["members"]))
        and ("ip_subnetworks" not in named or origin == WORKPLACE)
    )


def _any(answers: Iterable[bool | None]) -> bool | None:
    """Yes where one is yes, else not known where one is not known."""
    found = list(answers)
    return True if True in found else None if None in found else False


def short(name: Any) -> str:
    """The last part of a name."""
    return str(name).rpartition("/")[2]
