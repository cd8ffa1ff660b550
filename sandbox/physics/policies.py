"""Organization policies in force: what the ancestors of a resource say about a constraint."""

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.physics.change import Change, project_in
from sandbox.physics.references import path_in
from sandbox.physics.world import HIERARCHY, World
from sandbox.templates import last

Values = dict[str, Any]

_OLDER = {
    "projects": ("google_project_organization_policy", "project"),
    "folders": ("google_folder_organization_policy", "folder"),
    "organizations": ("google_organization_policy", "org_id"),
}
"""What Terraform calls the policies of the API before this one: kind of node -> type, and what names the node."""
_TAGS = ("google_tags_tag_binding", "google_tags_tag_value")
_DECIDED_BY = (*HIERARCHY, "google_org_policy_policy", *(type_ for type_, _ in _OLDER.values()), *_TAGS)
_TAG = re.compile(r"resource\.matchTag(?:Id)?\(\s*['\"]([^'\"]+)['\"]\s*,\s*['\"]([^'\"]+)['\"]\s*\)")
_KINDS = {"allow": "allowed_values", "deny": "denied_values"}


@dataclass
class Policy:
    """What is in force somewhere for one constraint."""

    enforced: bool = False
    deny_all: bool = False
    allowed: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Does it restrict nothing?"""
        return not (self.enforced or self.deny_all or self.allowed or self.denied)

    def add(self, rule: Values) -> None:
        """One rule more."""
        self.enforced = self.enforced or _true(rule.get("enforce"))
        self.deny_all = self.deny_all or _true(rule.get("deny_all"))
        for values in rule.get("values") or []:
            self.allowed += values.get("allowed_values") or []
            self.denied += values.get("denied_values") or []


def node_of(change: Change) -> str:
    """What stands nearest above the resource: its project, or the folder or organization that it is made in."""
    project = project_in(change.values)
    if project:
        return f"projects/{project}"
    for name, kind in (("folder_id", "folders"), ("folder", "folders"), ("org_id", "organizations")):
        if change.text(name):
            return f"{kind}/{change.text(name).rpartition('/')[2]}"
    return path_in(change.text("parent"))


def node_of_grant(change: Change, world: World) -> str:
    """What stands nearest above that which a role is granted on; a bucket's name does not say its project."""
    bucket = world.values("google_storage_bucket", last(change.text("bucket"))) if change.text("bucket") else None
    return f"projects/{bucket['project']}" if bucket else node_of(change)


def in_force(constraint: str, node: str, world: World, *, section: str = "spec") -> Policy:
    """The policy in force at a project or folder, or what a dry run would put in force (`section` dry_run_spec)."""
    key = (constraint, node, section)
    policy: Policy = world.remembered(key, _DECIDED_BY, lambda: _in_force(constraint, node, world, section))
    return policy


def _in_force(constraint: str, node: str, world: World, section: str) -> Policy:
    policy = Policy()
    line = world.above(node)
    for ancestor in line:
        specs = _specs(world, ancestor, constraint, section)
        if specs is None:
            continue
        for rule in specs.get("rules") or []:
            if _applies(rule, line, world):
                policy.add(rule)
        if _true(specs.get("reset")) or not specs.get("inherit_from_parent"):
            break
    return policy


def _specs(world: World, node: str, constraint: str, section: str) -> Values | None:
    for name in _names(node, world):
        if found := world.values("google_org_policy_policy", f"{name}/policies/{constraint}"):
            specs = found.get(section) or []
            return specs[0] if specs else None
    return _older(world, node, constraint) if section == "spec" else None


def _names(node: str, world: World) -> list[str]:
    """What a policy may call a node: Google's own name of a project is its number."""
    if not node.startswith("projects/"):
        return [node]
    return [f"projects/{world.project_id(node)}", f"projects/{world.number(node)}"]


def _older(world: World, node: str, constraint: str) -> Values | None:
    """A policy of the older API, as this one puts it."""
    type_, attribute = _OLDER[node.partition("/")[0]]
    for _, held in world.store.find(type_):
        about = f"{node.partition('/')[0]}/{last(str(held.get(attribute)))}"
        if _same(about, node, world) and str(held.get("constraint")).removeprefix("constraints/") == constraint:
            lists = held.get("list_policy") or []
            rules = [{"enforce": block.get("enforced")} for block in held.get("boolean_policy") or []]
            rules += [_of_list(kind, block) for it in lists for kind in _KINDS for block in it.get(kind) or []]
            inherits = any(it.get("inherit_from_parent") for it in lists)
            return {"rules": rules, "inherit_from_parent": inherits, "reset": bool(held.get("restore_policy"))}
    return None


def _of_list(kind: str, block: Values) -> Values:
    return {f"{kind}_all": block.get("all"), "values": [{_KINDS[kind]: list(block.get("values") or [])}]}


def _applies(rule: Values, line: list[str], world: World) -> bool:
    """A rule with a condition counts where the tag is bound on the way up."""
    for condition in rule.get("condition") or []:
        tag = _TAG.search(str(condition.get("expression") or ""))
        if tag is None or not _tagged(tag[1], tag[2], line, world):
            return False
    return True


def _tagged(key: str, value: str, line: list[str], world: World) -> bool:
    for _, binding in world.store.find("google_tags_tag_binding"):
        tag = world.values("google_tags_tag_value", str(binding.get("tag_value"))) or {}
        names = {str(tag.get("namespaced_name")), str(binding.get("tag_value"))}
        if f"{key}/{value}" in names or value in names:
            where = path_in(str(binding.get("parent")))
            if any(_same(where, node, world) for node in line):
                return True
    return False


def _same(one: str, other: str, world: World) -> bool:
    return one == other or (
        one.startswith("projects/")
        and other.startswith("projects/")
        and world.project_id(one) == world.project_id(other)
    )


def _true(value: Any) -> bool:
    return value is True or str(value).upper() == "TRUE"


def within(places: list[str], node: str, world: World) -> bool:
    """Is a project or folder one of those that a policy names as under:folders/1, projects/x and the like?"""
    line = world.above(node)
    wanted = [place.removeprefix("under:").removeprefix("is:") for place in places]
    return any(_same(one, other, world) for one in wanted for other in line)
