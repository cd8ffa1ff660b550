"""What a caller has to be permitted so that a change is made: permissions, and the resources they are asked on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox import facts
from sandbox.iam.places import KIND, MANAGER, about
from sandbox.physics.change import Change, project_in
from sandbox.physics.references import path_in
from sandbox.physics.services import service_of
from sandbox.physics.world import World
from sandbox.templates import last

Values = dict[str, Any]


@dataclass(frozen=True)
class Demand:
    """A permission on a resource; `context` is what conditions of grants may ask about the call."""

    permission: str
    resource: str
    context: Values = field(default_factory=dict)


_GRANT = re.compile(r"_iam_(member|binding|policy|audit_config)$")
ACT_AS = "iam.serviceAccounts.actAs"
_HANDED_OUT = "iam.googleapis.com/modifiedGrantsByRole"
_TOPS = ("organizations", "folders")
_BY_NAME = {"org_id": "organizations/{}", "folder_id": "folders/{}", "billing_account": "billingAccounts/{}"}
_PROJECTS = ("host_project", "service_project", "metrics_scope", "name")
_NOT_BELOW_PROJECTS = {
    "billingAccounts/": "//cloudbilling.googleapis.com/",
    "accessPolicies/": "//accesscontextmanager.googleapis.com/",
    "tagKeys/": MANAGER,
    "tagValues/": MANAGER,
    "organizations/": MANAGER,
    "folders/": MANAGER,
}


def demands(change: Change, world: World) -> Iterator[Demand]:
    """Everything that the caller needs; nothing for types that are not known."""
    table = facts.table("change_permissions")
    entry = table["types"].get(_GRANT.sub("", change.type))
    if entry is None:
        return
    if change.consumer:
        yield Demand(table["charged"], _project(change.consumer, world))
    if _GRANT.search(change.type):
        for verb in entry.get("grant", ["getIamPolicy", "setIamPolicy"]):
            handed_out = {"api": {_HANDED_OUT: [change.text("role")]}} if verb == "setIamPolicy" else {}
            yield Demand(f"{entry['kind']}.{verb}", _granted_on(change), handed_out)
        return
    place = _place(change, entry, world)
    for verb in [*entry.get(change.action, [change.action]), *_reads(change, entry)] if place else ():
        yield Demand(f"{entry['kind']}.{verb}", place)
    if change.action != "delete":
        for also in entry.get("also", ()):
            yield from _also(change, also, world)


def _reads(change: Change, entry: Values) -> list[str]:
    """The provider reads what it has made; who makes a project sees it."""
    asked: list[str] = entry.get("read", ["get"])
    return asked if change.action == "update" or (change.action == "create" and change.type != "google_project") else []


def _granted_on(change: Change) -> str:
    """What a grant or an audit configuration is about."""
    type_ = change.type.replace("_iam_audit_config", "_iam_policy")
    return about(KIND.sub("", type_) + "_iam_member", change.values)


def _place(change: Change, entry: Values, world: World) -> str:
    """Where the permission of a change itself is asked; empty where the values do not tell."""
    attribute = entry.get("at") or (entry.get("in") if change.action == "create" else None)
    project, id_ = project_in(change.values), change.text("id")
    if attribute and change.text(attribute):
        return _named(change, attribute, change.text(attribute), world)
    if change.type == "google_storage_bucket" and change.action != "create":
        return f"//storage.googleapis.com/projects/_/buckets/{change.text('name')}"
    if change.action != "create" and path_in(id_):
        return _resource(change.type, path_in(id_), world)
    if project and change.type != "google_project":
        return _project(project, world)
    return _named(change, "org_id", change.text("org_id"), world) if change.text("org_id") else ""


def _also(change: Change, also: Values, world: World) -> Iterator[Demand]:
    attribute = also.get("account") or also.get("of")
    if not attribute:
        yield Demand(also["permission"], _project(project_in(change.values), world))
        return
    for place, text in change.strings:
        if [part for part in place if isinstance(part, str)] != attribute.split(".") or not text:
            continue
        if "account" in also:
            yield Demand(ACT_AS, f"//iam.googleapis.com/projects/-/serviceAccounts/{last(text)}")
        else:
            yield Demand(also["permission"], _named(change, attribute, text, world))


def _named(change: Change, attribute: str, text: str, world: World) -> str:
    """The resource that an attribute names by its path, its number or its name."""
    for name, form in _BY_NAME.items():
        if attribute == name:
            text = form.format(last(text))
    if attribute == "bucket":
        return f"//storage.googleapis.com/projects/_/buckets/{text}"
    path = path_in(text) or text
    path = path.removeprefix("cloudresourcemanager.googleapis.com/").replace("%2F", "/")
    path = path.removeprefix("cloudresourcemanager.googleapis.com/").removeprefix("locations/global/metricsScopes/")
    if "/" not in path and attribute not in _PROJECTS:
        return _project(project_in(change.values), world)  # a name beside the resource
    return _resource(change.type, path, world)


def _resource(type_: str, path: str, world: World) -> str:
    """`//HOST/PATH` below a project, or what lies outside of projects; a project where there is no more."""
    for start, host in _NOT_BELOW_PROJECTS.items():
        if path.startswith(start):
            return host + "/".join(path.split("/")[:2])
    parts = path.split("/")
    if parts[0] != "projects":
        return _project(path, world)
    if len(parts) > 2 and parts[2] not in _TOPS:
        return f"//{service_of(type_)}/{path}"
    return _project(parts[1], world)


def _project(reference: str, world: World) -> str:
    return f"{MANAGER}projects/{world.project_id(reference)}"
