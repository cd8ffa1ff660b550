"""Who asks, and whether that is allowed: principals of tokens, permissions of methods, names of resources."""

import functools
import re
from collections.abc import Mapping
from typing import Any

from sandbox import facts, iam
from sandbox.api import perimeters, policies
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, denied, disabled, unknown_to_sandbox
from sandbox.iam import roles
from sandbox.physics.world import World

OPERATOR = "operator"
"""The person at this computer: `sandbox:operator` may do everything, as who runs the sandbox owns its file anyway."""

ASKED_LATER = frozenset(f"storage.objects.{leaf}" for leaf in ("insert", "copy", "rewrite", "compose"))
"""Methods whose path does not name what they write: their own file demands the permissions once it knows."""

_ORPHANS = ("catalogs", "tagKeys", "tagValues")
# The types that IAM's conditions know for what is served here: written by hand, not compared with the live service.
_TYPES = {
    "cloudresourcemanager.googleapis.com/projects": "cloudresourcemanager.googleapis.com/Project",
    "cloudkms.googleapis.com/keyRings": "cloudkms.googleapis.com/KeyRing",
    "cloudkms.googleapis.com/cryptoKeys": "cloudkms.googleapis.com/CryptoKey",
    "secretmanager.googleapis.com/secrets": "secretmanager.googleapis.com/Secret",
    "secretmanager.googleapis.com/versions": "secretmanager.googleapis.com/SecretVersion",
    "bigquery.googleapis.com/datasets": "bigquery.googleapis.com/Dataset",
    "bigquery.googleapis.com/tables": "bigquery.googleapis.com/Table",
}
_OPERATION = re.compile(r"(\w+)\..*?operations\.(get|list|wait)")
_DEFAULT = re.compile(r"(?:(\d+)-compute@developer|([^@]+)@appspot)\.gserviceaccount\.com")
_PRINCIPAL = re.compile(r"(user|serviceAccount|group|principal|principalSet):\S+|operator|allUsers")


def principal(headers: dict[str, str]) -> str:
    """Who a request comes from; 401 without a token of the sandbox."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    prefix, _, name = token.strip().partition(":")
    if scheme.lower() != "bearer" or prefix != "sandbox" or not _PRINCIPAL.fullmatch(name):
        text = "Request had invalid authentication credentials. The sandbox takes tokens like"
        raise ApiError(401, f"{text} 'sandbox:user:ada@example.com' or 'sandbox:{OPERATOR}'.")
    return name


@functools.cache
def permissions() -> dict[str, str]:
    """Method id -> permission."""
    return {method: str(name) for method, name in facts.table("method_permissions")["methods"].items()}


def permission(method_id: str) -> str:
    """What a method demands; 501 for one whose permission is not in the table.

    Operations are read by the permission that their service has for that, and freely where it has none.
    """
    if method_id.endswith(".testIamPermissions"):
        return ""
    if operation := _OPERATION.fullmatch(method_id):
        needed = f"{operation[1]}.operations.{'list' if operation[2] == 'list' else 'get'}"
        return needed if needed in roles.permissions() else ""
    found = permissions().get(method_id)
    if found is None:
        raise unknown_to_sandbox(f"the method {method_id}", "use one that sandbox/facts/method_permissions.yaml lists")
    return found


def resource(call: Call) -> str:
    """The full name of the resource that a permission is needed on: an existing one, or the parent of a new one."""
    name, method = policies.name(call), call.method
    if owner := _owner(call, name):
        return full_name(call.api.name, owner)
    if not call.verb and not method.template.endswith("}"):
        name = name.rpartition("/")[0] if method.leaf.startswith(("list", "create", "insert")) else name
    elif method.leaf in ("create", "insert"):
        name = name.rsplit("/", 2)[0]
    return full_name(call.api.name, name, call.query.get("project", ""))


def _owner(call: Call, name: str) -> str:
    """Where a permission is asked for what no name tells the place of: folders and catalogs are made in a parent."""
    parts = name.strip("/").split("/")
    if len(parts) == 1:
        parent = call.body.get("parent") or call.asked("parent")
        return f"{parent.get('type')}s/{parent.get('id')}" if isinstance(parent, dict) else str(parent or "")
    if parts[0] not in _ORPHANS:
        return ""
    while parts[0] in _ORPHANS:
        found = call.resources.get(call.api, "/".join(parts[:2])) or {}
        parts = str(found.get("parent") or "").split("/")
    return "/".join(parts)


def full_name(api: str, name: str, project: str = "") -> str:
    """`//HOST/NAME`; what is only a project, folder or organization belongs to the resource manager."""
    api = "iam" if api == "iamcredentials" else api
    parts = name.strip("/").split("/")
    if api == "storage" and parts[0] == "b" and len(parts) > 1:
        inner = f"projects/_/buckets/{parts[1]}"
        if len(parts) > 3 and parts[2] == "o":
            inner += f"/objects/{'/'.join(parts[3:])}"
        return f"//storage.googleapis.com/{inner}"
    if parts[0] not in ("projects", "folders", "organizations") or len(parts) < 2:
        return (
            f"//cloudresourcemanager.googleapis.com/projects/{project}" if project else f"//{api}.googleapis.com/{name}"
        )
    rest = parts[2:]
    if rest[:1] == ["locations"]:
        rest = rest[2:]
    if len(rest) < 2:
        return f"//cloudresourcemanager.googleapis.com/{parts[0]}/{parts[1]}"
    return f"//{api}.googleapis.com/{'/'.join(parts[: len(parts) // 2 * 2])}"


def require(call: Call) -> None:
    """Refuse what the caller may not do, naming the missing permission, and what is not enabled in the project."""
    _enabled(call)
    needed = permission(call.method.id)
    if call.name.startswith("operations/"):  # names of Google's own, which tell no place
        return
    if needed and call.method.id not in ASKED_LATER:
        demand(call, needed, resource(call), policies.attributes(call))


def demand(call: Call, needed: str, about: str, context: Mapping[str, Any] = {}) -> None:
    """Refuse the caller who lacks one permission on one resource; `context` is what conditions may ask beside."""
    if call.principal == OPERATOR:
        return
    allowed, why = judge(call, needed, about, context)
    if not allowed:
        raise denied(needed, about, why)


def act_as(call: Call, account: str) -> None:
    """Refuse the caller who may not let this service account work for them; an agent of Google's own is nobody's."""
    email = account.rpartition("/")[2]
    project = email.partition("@")[2].removesuffix(".iam.gserviceaccount.com")
    if found := _DEFAULT.fullmatch(email):
        project = found[2] or call.store.numbered("project", int(found[1])) or found[1]
    if found or (email.endswith(".iam.gserviceaccount.com") and not project.startswith("gcp-sa-")):
        about = f"//iam.googleapis.com/projects/{project}/serviceAccounts/{email}"
        demand(call, "iam.serviceAccounts.actAs", about)


def _enabled(call: Call) -> None:
    """An API answers only in projects that exist and have enabled it."""
    service = f"{call.api.name}.googleapis.com"
    parts = call.name.split("/")
    table = facts.table("services")
    free = {*table["always"], *table["charged_to_the_caller"]}
    if service in free or parts[0] != "projects" or len(parts) < 3:
        return
    world = World(call.store)
    if not world.project_exists(parts[1]):
        raise ApiError(403, f"Permission denied on resource project {parts[1]}.", reason="CONSUMER_INVALID")
    if not world.enabled(parts[1], service):
        raise disabled(service, world.number(parts[1]))


def judge(call: Call, needed: str, about: str, context: Mapping[str, Any] = {}) -> tuple[bool, str]:
    """What IAM says, and why; a call that IAM allows and a perimeter stops is refused at once."""
    allowed, why = decide(call, needed, about, context)
    if allowed:
        perimeters.check(call.facade, call.principal, call.headers, needed, about)
    return allowed, why


def decide(call: Call, needed: str, about: str, context: Mapping[str, Any] = {}) -> tuple[bool, str]:
    """What IAM says, and why."""
    decision = iam.decide(call.facade.policies(), call.principal, needed, about, _types(about) | dict(context))
    return decision.allowed, decision.why


def holds(call: Call, needed: str, about: str) -> bool:
    """Does the caller have a permission?"""
    return call.principal == OPERATOR or decide(call, needed, about)[0]


def _types(about: str) -> dict[str, str]:
    """The type of a resource, where its name tells it and conditions know it."""
    host, _, path = about[2:].partition("/")
    kinds = path.split("/")[::2]
    if host == "storage.googleapis.com":
        return {"resource.type": f"{host}/{'Object' if 'objects' in path.split('/')[4:5] else 'Bucket'}"}
    found = _TYPES.get(f"{host}/{kinds[-1]}")
    return {"resource.type": found} if found else {}


def granted(call: Call) -> dict[str, Any]:
    """testIamPermissions: those of the asked permissions that the caller has."""
    asked = call.body.get("permissions") or call.lists.get("permissions") or []
    about = full_name(call.api.name, policies.name(call))
    return {"permissions": [one for one in asked if holds(call, one, about)]}
