"""The policies of an estate, read from its resources: what is granted, what is denied, what is out of bounds."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from sandbox.iam.places import KIND, Places, about
from sandbox.iam.principals import Groups, blocks
from sandbox.iam.roles import predefined
from sandbox.iam.tags import Tags
from sandbox.store import Store

CUSTOM_ROLES = ("google_organization_iam_custom_role", "google_project_iam_custom_role")
HIERARCHY = (
    *("google_project", "google_folder", "google_storage_bucket"),
    *("google_access_context_manager_access_policy", "google_tags_tag_key", "google_tags_tag_value"),
)
LENT = "sandbox_lent_access"
READ = (
    *("google_*_iam_member", "google_*_iam_binding", "google_*_iam_policy", "google_*_iam_custom_role"),
    *("google_iam_*", "google_cloud_identity_group*", "google_tags_*", *HIERARCHY, LENT),
)


GROUPS = ("google_cloud_identity_group", "google_cloud_identity_group_membership")
CALLERS = (*CUSTOM_ROLES, *HIERARCHY, *GROUPS, "google_iam_deny_policy")
"""What decides about one principal beside the grants to it."""


@dataclass(frozen=True)
class Held:
    """One resource of an estate: its address, or its id where nothing else is known, and its values."""

    address: str
    type_: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Grant:
    """One member with one role at one place, perhaps under a condition."""

    address: str
    place: str
    role: str
    member: str
    condition: str | None = None


@dataclass(frozen=True)
class Denial:
    """One rule of a deny policy."""

    address: str
    place: str
    principals: tuple[str, ...]
    excepted_principals: tuple[str, ...]
    permissions: tuple[str, ...]
    excepted_permissions: tuple[str, ...]
    condition: str | None = None


@dataclass(frozen=True)
class Boundary:
    """The only resources that the principals of a set are eligible for."""

    address: str
    principals: str
    resources: tuple[str, ...]
    condition: str | None = None


class Policies:
    """What an estate says about access. `members` adds people to groups beyond the memberships in the estate."""

    def __init__(self, resources: Iterable[Held], members: Mapping[str, Iterable[str]] | None = None) -> None:
        self.places, self.groups, self.tags = Places(), Groups(members), Tags()
        self.grants: dict[str, list[Grant]] = defaultdict(list)
        self.denials: dict[str, list[Denial]] = defaultdict(list)
        self.boundaries: list[Boundary] = []
        self._roles: dict[str, frozenset[str]] = {}
        self._names: dict[str, str] = {}
        everything = list(resources)
        for held in everything:
            self._learn(held)
        self.tags.settle(self.places.plain)
        bounds = {str(held.values.get("id")): held for held in everything if "access_boundary_policy" in held.type_}
        for held in everything:
            self._connect(held, bounds)

    @classmethod
    def of(cls, store: Store, members: Mapping[str, Iterable[str]] | None = None) -> "Policies":
        """The policies of what a sandbox holds."""
        return cls((Held(f"{type_} {id_}", type_, values) for type_, id_, values in store.matching(*READ)), members)

    def permissions(self, role: str) -> frozenset[str] | None:
        """What a role is made of; None where that is not known."""
        return self._roles[role] if role in self._roles else predefined(role)

    def _learn(self, held: Held) -> None:
        self.places.learn(held.type_, held.values)
        self.tags.learn(held.type_, held.values)
        if held.type_ in CUSTOM_ROLES:
            self._roles[_role_name(held)] = frozenset(held.values.get("permissions") or [])
        elif held.type_ == "google_cloud_identity_group":
            for key in blocks(held.values.get("group_key")):
                self._names[str(held.values.get("name"))] = self._names[str(held.values.get("id"))] = key["id"]
                self.groups.belong(str(key["id"]).rpartition("@")[2], str(held.values.get("parent")))

    def _connect(self, held: Held, bounds: Mapping[str, Held]) -> None:
        if held.type_ == LENT or (KIND.search(held.type_) and held.type_ not in CUSTOM_ROLES):
            for grant in _grants(held):
                place = self.places.plain(grant.place)
                self.grants[place].append(Grant(grant.address, place, grant.role, grant.member, grant.condition))
        elif held.type_ == "google_iam_deny_policy":
            place = self.places.plain("//" + unquote(str(held.values.get("parent"))))
            self.denials[place] += _denials(held, place)
        elif held.type_ == "google_cloud_identity_group_membership":
            self.groups.learn(held.values, self._names)
        elif held.type_.endswith("_policy_binding") and str(held.values.get("policy")) in bounds:
            self.boundaries += _boundaries(held, bounds[str(held.values["policy"])])


_CURRENT: WeakKeyDictionary[Store, tuple[tuple[int, ...], Policies]] = WeakKeyDictionary()


def current(store: Store) -> Policies:
    """The policies of a store, read anew only after something changed that has a say in them."""
    revision = store.revision_matching(*READ)
    known = _CURRENT.get(store)
    if known is None or known[0] != revision:
        known = _CURRENT[store] = revision, Policies.of(store)
    return known[1]


def _role_name(held: Held) -> str:
    values = held.values
    top = f"organizations/{values['org_id']}" if values.get("org_id") else f"projects/{values.get('project')}"
    return f"{top}/roles/{values.get('role_id')}"


def _grants(held: Held) -> Iterable[Grant]:
    values = held.values
    place = str(values["place"]) if held.type_ == LENT else about(held.type_, values)
    if held.type_.endswith("_policy"):
        for binding in json.loads(values.get("policy_data") or "{}").get("bindings", []):
            condition = (binding.get("condition") or {}).get("expression")
            for member in binding["members"]:
                yield Grant(held.address, place, binding["role"], member, condition)
        return
    members = values.get("members") or [values.get("member")]
    for member in members:
        yield Grant(held.address, place, str(values.get("role")), str(member), _condition(values))


def _condition(values: Mapping[str, Any], key: str = "condition") -> str | None:
    for block in blocks(values.get(key)):
        if block.get("expression"):
            return str(block["expression"])
    return None


def _denials(held: Held, place: str) -> Iterable[Denial]:
    for rule in blocks(held.values.get("rules")):
        for block in blocks(rule.get("deny_rule")):
            yield Denial(
                held.address,
                place,
                tuple(block.get("denied_principals") or ()),
                tuple(block.get("exception_principals") or ()),
                tuple(block.get("denied_permissions") or ()),
                tuple(block.get("exception_permissions") or ()),
                _condition(block, "denial_condition"),
            )


def _boundaries(held: Held, policy: Held) -> Iterable[Boundary]:
    (target,) = blocks(held.values.get("target")) or [{}]
    (details,) = blocks(policy.values.get("details")) or [{}]
    resources = tuple(r for rule in blocks(details.get("rules")) for r in rule.get("resources") or [])
    yield Boundary(held.address, str(target.get("principal_set")), resources, _condition(held.values))
