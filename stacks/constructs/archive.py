"""A bucket for what has to be kept: written once, read seldom, never shortened."""

from __future__ import annotations

from cdktf_cdktf_provider_google.storage_bucket import (
    StorageBucket,
    StorageBucketEncryption,
    StorageBucketLifecycleRule,
    StorageBucketLifecycleRuleAction,
    StorageBucketLifecycleRuleCondition,
    StorageBucketRetentionPolicy,
)
from constructs import Construct

DAY = 24 * 60 * 60


class Archive(Construct):
    """Every object stays `retention_days`; the lock on that cannot be taken back, and the bucket goes only when empty.

    The objects never change, so there are no versions to keep.
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
        retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        bucket = StorageBucket(
            self,
            "bucket",
            project=project_id,
            name=name,
            location=location,
            storage_class="COLDLINE",
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            force_destroy=False,
            encryption=StorageBucketEncryption(default_kms_key_name=kms_key),
            retention_policy=StorageBucketRetentionPolicy(retention_period=retention_days * DAY, is_locked=True),
            lifecycle_rule=[
                StorageBucketLifecycleRule(
                    action=StorageBucketLifecycleRuleAction(type="Delete"),
                    condition=StorageBucketLifecycleRuleCondition(age=retention_days + 1, with_state="ANY"),
                )
            ],
        )
        self.name: str = bucket.name
