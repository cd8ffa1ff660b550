"""STAND-IN for Service Catalog: catalogs of products, shared with organizations, folders and projects."""

from typing import Any

from sandbox.api import generic
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, exists, invalid, not_found
from sandbox.physics.world import World

Values = dict[str, Any]


def _list(call: Call) -> Values:
    """The catalogs of one parent; who may list there sees all of them."""
    parent = call.asked("parent")
    if not parent:
        raise invalid([("parent", "Required parameter: parent")])
    found = [body for _, body in call.resources.below(call.api, "", "catalogs") if body.get("parent") == parent]
    return generic.page(call, found)


def _delete(call: Call) -> Values | None:
    """A catalog goes only when it offers nothing and is shared with nobody."""
    with call.resources.writing:
        for collection in ("products", "associations"):
            if next(call.resources.below(call.api, call.name, collection), None):
                raise ApiError(400, f"{call.name} still has {collection}; delete them first.", "FAILED_PRECONDITION")
        return generic.delete(call)


def _share(call: Call) -> Values:
    """Share a catalog with a resource that exists, once."""
    resource = str((call.body.get("association") or {}).get("resource", ""))
    world = World(call.store)
    kind = resource.partition("/")[0]
    if kind not in ("organizations", "folders", "projects"):
        raise invalid([("association.resource", "A catalog is shared with an organization, a folder or a project.")])
    if (kind == "projects" and not world.project_exists(resource)) or (
        kind == "folders" and not world.has("google_folder", resource)
    ):
        raise not_found(resource)
    with call.resources.writing:
        parent = call.name.removesuffix("/associations")
        call.get(parent)
        if any(body["resource"] == resource for _, body in call.resources.below(call.api, parent, "associations")):
            raise exists(f"{parent} shared with {resource}")
        call.body.clear()
        call.body["resource"] = resource
        return generic.create(call, schema="Association")


_CATALOGS = "cloudprivatecatalogproducer.catalogs."
METHODS = {
    f"{_CATALOGS}list": _list,
    f"{_CATALOGS}delete": _delete,
    f"{_CATALOGS}associations.create": _share,
}
