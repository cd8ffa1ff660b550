"""A bucket that nobody can open to the world and whose objects do not vanish by accident."""

from __future__ import annotations

from cdktf_cdktf_provider_google.storage_bucket import (
    StorageBucket,
    StorageBucketEncryption,
    StorageBucketLifecycleRule,
    StorageBucketLifecycleRuleAction,
    StorageBucketLifecycleRuleCondition,
    StorageBucketRetentionPolicy,
    StorageBucketSoftDeletePolicy,
    StorageBucketVersioning,
)
from cdktf_cdktf_provider_google.storage_bucket_iam_member import StorageBucketIamMember
from constructs import Construct

DAY = 24 * 60 * 60


class Bucket(Construct):
    """A versioned bucket with a customer key, uniform access and public access prevented.

    `grants` maps a grant's own key to (role, member). Old versions go after `keep_versions_days`; `retention_days`
    keeps every object at least that long. `project_id` and `kms_key` are values of Project.using and Project.key.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        name: str,
        location: str,
        kms_key: str,
        grants: dict[str, tuple[str, str]] | None = None,
        keep_versions_days: int = 90,
        retention_days: int | None = None,
    ) -> None:
        super().__init__(scope, id_)
        bucket = StorageBucket(
            self,
            "bucket",
            project=project_id,
            name=name,
            location=location,
            storage_class="STANDARD",
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            force_destroy=False,
            encryption=StorageBucketEncryption(default_kms_key_name=kms_key),
            versioning=StorageBucketVersioning(enabled=True),
            soft_delete_policy=StorageBucketSoftDeletePolicy(retention_duration_seconds=7 * DAY),
            retention_policy=StorageBucketRetentionPolicy(retention_period=retention_days * DAY)
            if retention_days
            else None,
            lifecycle_rule=[
                StorageBucketLifecycleRule(
                    action=StorageBucketLifecycleRuleAction(type="Delete"),
                    condition=StorageBucketLifecycleRuleCondition(
                        days_since_noncurrent_time=keep_versions_days, with_state="ARCHIVED"
                    ),
                )
            ],
        )
        self.name: str = bucket.name
        for key, (role, member) in sorted((grants or {}).items()):
            StorageBucketIamMember(self, f"grant-{key}", bucket=bucket.name, role=role, member=member)
