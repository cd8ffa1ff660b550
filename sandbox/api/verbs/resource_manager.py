"""Resource Manager: projects and folders in both versions' words, and searches that show what the caller may see."""

from typing import Any

from sandbox.api import access, filters, generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, not_found

Values = dict[str, Any]

_FOLDER, _PROJECT = "google_folder", "google_project"


def _get_project(call: Call) -> Values:
    return _project(call, call.get()["projectId"])


def _project(call: Call, id_: str) -> Values:
    values = call.store.get(_PROJECT, f"projects/{id_}")
    if values is None:
        raise not_found(f"projects/{id_}")
    number = str(values.get("number") or call.store.number("project", id_))
    labels = values.get("effective_labels") or values.get("labels") or {}
    folder = str(values.get("folder_id") or "").rpartition("/")[2]
    kind, parent = ("folder", folder) if folder else ("organization", str(values.get("org_id") or ""))
    if call.api.version == "v1":
        shown = {
            "projectNumber": number,
            "projectId": id_,
            "lifecycleState": "ACTIVE",
            "name": values.get("name") or id_,
        }
        return shown | {"labels": labels, "parent": {"type": kind, "id": parent}}
    shown = {
        "name": f"projects/{number}",
        "projectId": id_,
        "state": "ACTIVE",
        "displayName": values.get("name") or id_,
    }
    body = shown | {"labels": labels, "parent": f"{kind}s/{parent}" if parent else ""}
    return body | {"etag": stamping.etag(body)}


def _create_project(call: Call) -> Values:
    parent = call.body.get("parent")
    if isinstance(parent, dict):
        parent = f"{parent.get('type')}s/{parent.get('id')}"
    kind, _, number = str(parent or "").partition("/")
    id_ = str(call.body.get("projectId") or "")
    if not id_ or kind not in ("folders", "organizations"):
        raise ApiError(400, "A project needs a projectId and a parent such as folders/123.")
    attributes = {"folder_id" if kind == "folders" else "org_id": number, "deletion_policy": "DELETE"}
    body = {key: value for key, value in call.body.items() if key in ("labels", "displayName")}
    with call.resources.writing:
        call.resources.create(call.api, f"projects/{id_}", {"displayName": id_} | body, attributes)
    return call.operation(_project(call, id_), "google.cloud.resourcemanager.v3.Project")


def _move_project(call: Call) -> Values:
    """Another folder or organization; who moves needs the right to make projects there, too."""
    parent = str(call.body.get("destinationParent") or "")
    kind, _, number = parent.partition("/")
    if kind not in ("folders", "organizations"):
        raise ApiError(400, "destinationParent: a project moves to folders/NUMBER or organizations/NUMBER.")
    access.demand(call, "resourcemanager.projects.create", access.full_name("cloudresourcemanager", parent))
    with call.resources.writing:
        id_ = _get_project(call)["projectId"]
        values = call.store.get(_PROJECT, f"projects/{id_}") or {}
        place = {"folder_id": number, "org_id": ""} if kind == "folders" else {"folder_id": "", "org_id": number}
        call.store.put(_PROJECT, f"projects/{id_}", values | place)
    return call.operation(_project(call, id_), "google.cloud.resourcemanager.v3.Project")


def _delete_project(call: Call) -> Values:
    shown = _get_project(call)
    with call.resources.writing:
        call.resources.delete(call.api, f"projects/{shown['projectId']}")
    return call.operation(shown | {"state": "DELETE_REQUESTED"}, "google.cloud.resourcemanager.v3.Project")


def _search_projects(call: Call) -> Values:
    found = [_project(call, str(values["project_id"])) for _, values in call.store.find(_PROJECT)]
    seen = [body for body in found if _may(call, "resourcemanager.projects.get", f"projects/{body['projectId']}")]
    if parent := call.asked("parent"):
        seen = [body for body in seen if body.get("parent") == parent]
    return generic.page(call, filters.chosen(call.asked("query") or call.asked("filter"), seen))


def _folder(values: Values) -> Values:
    body = {key: values.get(snake) for key, snake in (("name", "name"), ("parent", "parent"))}
    body |= {"displayName": values.get("display_name"), "state": "ACTIVE"}
    return body | {"etag": stamping.etag(body)}


def _get_folder(call: Call) -> Values:
    call.get()
    return _folder(call.store.get(_FOLDER, call.name) or {})


def _create_folder(call: Call) -> Values:
    attributes = {"parent": call.body.get("parent"), "deletion_protection": False}
    with call.resources.writing:
        name, _ = call.resources.create(
            call.api, "folders/x", {"displayName": call.body.get("displayName")}, attributes
        )
    message = "google.cloud.resourcemanager.v3.Folder"
    return call.operation(_folder(call.store.get(_FOLDER, name) or {}), message)


def _delete_folder(call: Call) -> Values:
    shown = _get_folder(call)
    with call.resources.writing:
        call.resources.delete(call.api, call.name)
    return call.operation(shown | {"state": "DELETE_REQUESTED"}, "google.cloud.resourcemanager.v3.Folder")


def _search_folders(call: Call) -> Values:
    found = [_folder(values) for _, values in call.store.find(_FOLDER)]
    seen = [body for body in found if _may(call, "resourcemanager.folders.get", str(body["name"]))]
    if parent := call.asked("parent"):
        seen = [body for body in seen if body.get("parent") == parent]
    return generic.page(call, filters.chosen(call.asked("query"), seen))


def _get_organization(call: Call) -> Values:
    if call.name not in _organizations(call):
        raise not_found(call.name)
    return {"name": call.name, "displayName": call.name.rpartition("/")[2], "state": "ACTIVE"}


def _search_organizations(call: Call) -> Values:
    names = [name for name in _organizations(call) if _may(call, "resourcemanager.organizations.get", name)]
    return {"organizations": [{"name": name, "state": "ACTIVE"} for name in names]}


def _organizations(call: Call) -> list[str]:
    """Organizations exist as somebody's parent; nothing makes them."""
    parents = {str(values.get("parent")) for _, values in call.store.find(_FOLDER)}
    parents |= {f"organizations/{values['org_id']}" for _, values in call.store.find(_PROJECT) if values.get("org_id")}
    return sorted(parent for parent in parents if parent.startswith("organizations/"))


def _may(call: Call, permission: str, name: str) -> bool:
    return access.holds(call, permission, access.full_name("cloudresourcemanager", name))


_MANAGER = "cloudresourcemanager."
METHODS = {
    f"{_MANAGER}projects.get": _get_project,
    f"{_MANAGER}projects.create": _create_project,
    f"{_MANAGER}projects.delete": _delete_project,
    f"{_MANAGER}projects.move": _move_project,
    f"{_MANAGER}projects.list": _search_projects,
    f"{_MANAGER}projects.search": _search_projects,
    f"{_MANAGER}folders.get": _get_folder,
    f"{_MANAGER}folders.create": _create_folder,
    f"{_MANAGER}folders.delete": _delete_folder,
    f"{_MANAGER}folders.list": _search_folders,
    f"{_MANAGER}folders.search": _search_folders,
    f"{_MANAGER}organizations.get": _get_organization,
    f"{_MANAGER}organizations.search": _search_organizations,
}
