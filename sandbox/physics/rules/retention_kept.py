"""What a bucket's retention still keeps is not replaced or deleted, and a locked period is not shortened."""

from sandbox.physics.change import Change, Values, forbidden
from sandbox.physics.world import World

TYPES = ["google_storage_bucket", "google_storage_bucket_object"]
ACTIONS = ("create", "update", "delete")


def check(change: Change, world: World) -> None:
    if change.type == "google_storage_bucket_object":
        _kept(change.text("bucket"), change.text("name"), world)
    elif change.action == "delete" and world.has(change.type, change.text("id")):
        _kept(change.text("name"), "", world)
    elif change.action == "update":
        before, now = _policy(change.prior or {}), _policy(change.values)
        if before.get("is_locked") and not (now.get("is_locked") and _period(now) >= _period(before)):
            message = f"The retention policy of bucket {change.text('name')} is locked"
            hint = "A locked policy stays, and its period can only grow."
            raise forbidden(message, "forbidden", path=("retention_policy",), way_out=hint)


def _kept(bucket: str, name: str, world: World) -> None:
    if until := world.store.objects.retained(bucket, name):
        what = f"Object '{bucket}/{name}'" if name else f"Bucket '{bucket}' holds what"
        message = f"{what} is subject to the bucket's retention policy and cannot be deleted or replaced until {until}"
        raise forbidden(message, "retentionPolicyNotMet", way_out="Wait until then, or write another object.")


def _policy(values: Values) -> Values:
    return next(iter(values.get("retention_policy") or []), {})


def _period(policy: Values) -> int:
    return int(policy.get("retention_period") or 0)
