"""A bucket with uniform access takes no access control list, neither for itself nor for an object in it."""

from sandbox.physics.change import Change, invalid
from sandbox.physics.world import World
from sandbox.templates import last

_NOUNS = ("bucket_access_control", "bucket_acl", "default_object_access_control", "default_object_acl")
_OBJECT = "google_storage_bucket_object"
TYPES = [*(f"google_storage_{noun}" for noun in (*_NOUNS, "object_access_control", "object_acl")), _OBJECT]
ACTIONS = ("create", "update")


def check(change: Change, world: World) -> None:
    name = last(change.text("bucket"))
    bucket = world.values("google_storage_bucket", name) or {}
    if change.type == _OBJECT and not change.text("predefined_acl"):
        return
    if bucket.get("uniform_bucket_level_access") is True:
        hint = "Grant a role on the bucket; lists count only where uniform_bucket_level_access is off."
        raise invalid(f"Bucket {name} has uniform bucket-level access and takes no ACL.", way_out=hint)
