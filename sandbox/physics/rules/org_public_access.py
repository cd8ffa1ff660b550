"""A bucket is granted to nobody unknown where its public access prevention is enforced, by itself or by a policy."""

from sandbox.physics.change import Broken, Change
from sandbox.physics.members import members
from sandbox.physics.policies import in_force, node_of_grant
from sandbox.physics.world import World
from sandbox.templates import last

TYPES = ("google_storage_bucket_iam_member", "google_storage_bucket_iam_binding")
ACTIONS = ("create", "update")
CONSTRAINT = "storage.publicAccessPrevention"
_PUBLIC = ("allUsers", "allAuthenticatedUsers")
_MESSAGE = f"The member bindings {' and '.join(_PUBLIC)} are not allowed since public access prevention is enforced."


def check(change: Change, world: World) -> None:
    bucket = world.values("google_storage_bucket", last(change.text("bucket"))) or {}
    for place, member in members(change):
        if member not in _PUBLIC:
            continue
        hint = f"Grant it to somebody you know ({CONSTRAINT})."
        refusal = Broken(412, "FAILED_PRECONDITION", _MESSAGE, "conditionNotMet", path=place, way_out=hint)
        if bucket.get("public_access_prevention") == "enforced":
            raise refusal
        for section in ("spec", "dry_run_spec"):
            if in_force(CONSTRAINT, node_of_grant(change, world), world, section=section).enforced:
                world.object(refusal, section)
