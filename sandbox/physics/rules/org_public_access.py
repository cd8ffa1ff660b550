"""A bucket is granted to nobody unknown where its public access prevention is enforced, by itself or by a policy."""

from collections.abc import Iterator

from sandbox.physics.change import Broken, Change, Path
from sandbox.physics.members import members
from sandbox.physics.policies import in_force, node_of_grant
from sandbox.physics.world import World
from sandbox.templates import last

_LISTS = ("bucket_access_control", "bucket_acl", "default_object_access_control", "default_object_acl")
_OBJECTS = ("object_access_control", "object_acl", "bucket_object")
_GRANTS = ("bucket_iam_member", "bucket_iam_binding", "bucket_iam_policy")
TYPES = [f"google_storage_{noun}" for noun in (*_GRANTS, *_LISTS, *_OBJECTS)]
ACTIONS = ("create", "update")
CONSTRAINT = "storage.publicAccessPrevention"
_PUBLIC = ("allUsers", "allAuthenticatedUsers")
_MESSAGE = f"The member bindings {' and '.join(_PUBLIC)} are not allowed since public access prevention is enforced."


def check(change: Change, world: World) -> None:
    bucket = world.values("google_storage_bucket", last(change.text("bucket"))) or {}
    for place, member in (*members(change), *_listed(change)):
        if member not in _PUBLIC:
            continue
        hint = f"Grant it to somebody you know ({CONSTRAINT})."
        refusal = Broken(412, "FAILED_PRECONDITION", _MESSAGE, "conditionNotMet", path=place, way_out=hint)
        if bucket.get("public_access_prevention") == "enforced":
            raise refusal
        for section in ("spec", "dry_run_spec"):
            if in_force(CONSTRAINT, node_of_grant(change, world), world, section=section).enforced:
                world.object(refusal, section)


def _listed(change: Change) -> Iterator[tuple[Path, str]]:
    """Whom an access control list lets in."""
    yield ("entity",), change.text("entity")
    for text in change.values.get("role_entity") or ():
        yield ("role_entity",), str(text).partition(":")[2]
    if change.text("predefined_acl") in ("publicRead", "publicReadWrite", "authenticatedRead"):
        yield ("predefined_acl",), "allUsers"
