"""A secret that asks to be rotated."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import Fn, TerraformResourceLifecycle
from cdktf_cdktf_provider_google.pubsub_subscription import (
    PubsubSubscription,
    PubsubSubscriptionExpirationPolicy,
)
from cdktf_cdktf_provider_google.pubsub_topic import PubsubTopic, PubsubTopicMessageStoragePolicy
from cdktf_cdktf_provider_google.pubsub_topic_iam_member import PubsubTopicIamMember
from cdktf_cdktf_provider_google.secret_manager_secret import (
    SecretManagerSecret,
    SecretManagerSecretReplication,
    SecretManagerSecretReplicationUserManaged,
    SecretManagerSecretReplicationUserManagedReplicas,
    SecretManagerSecretReplicationUserManagedReplicasCustomerManagedEncryption,
    SecretManagerSecretRotation,
    SecretManagerSecretTopics,
)
from cdktf_cdktf_provider_google.secret_manager_secret_iam_member import SecretManagerSecretIamMember
from constructs import Construct

from stacks.constructs.project import Project

DAY = 24 * 60 * 60


class RotatedSecret(Construct):
    """A secret with a customer key in one region, its value added by people, read by `readers` only.

    Each time it is due, a message waits in the subscription until somebody has rotated it and takes the message away.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        region: str,
        name: str,
        rotation_days: int,
        readers: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        topic = PubsubTopic(
            self,
            "due",
            project=project.using("pubsub"),
            name=f"{name}-due",
            kms_key_name=project.key("pubsub"),
            message_storage_policy=PubsubTopicMessageStoragePolicy(
                allowed_persistence_regions=[region], enforce_in_transit=True
            ),
        )
        PubsubSubscription(
            self,
            "waiting",
            project=project.id,
            name=f"{name}-due",
            topic=topic.id,
            message_retention_duration=f"{31 * DAY}s",
            expiration_policy=PubsubSubscriptionExpirationPolicy(ttl=""),
        )
        publisher = PubsubTopicIamMember(
            self,
            "publisher",
            project=project.id,
            topic=topic.name,
            role="roles/pubsub.publisher",
            member=project.agent("secretmanager"),
        )
        encryption = SecretManagerSecretReplicationUserManagedReplicasCustomerManagedEncryption(
            kms_key_name=project.key("secretmanager")
        )
        replica = SecretManagerSecretReplicationUserManagedReplicas(
            location=region, customer_managed_encryption=encryption
        )
        secret = SecretManagerSecret(
            self,
            "secret",
            project=project.using("secretmanager"),
            secret_id=name,
            replication=SecretManagerSecretReplication(
                user_managed=SecretManagerSecretReplicationUserManaged(replicas=[replica])
            ),
            topics=[SecretManagerSecretTopics(name=topic.id)],
            rotation=SecretManagerSecretRotation(
                rotation_period=f"{rotation_days * DAY}s",
                next_rotation_time=Fn.timeadd(Fn.plantimestamp(), f"{rotation_days * 24}h"),
            ),
            # Danger: Google moves the date on after each rotation; the plan's date serves the creation only.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["rotation[0].next_rotation_time"]),
            depends_on=[publisher],
        )
        for key, member in sorted(readers.items()):
            SecretManagerSecretIamMember(
                self,
                f"reader-{key}",
                project=project.id,
                secret_id=secret.secret_id,
                role="roles/secretmanager.secretAccessor",
                member=member,
            )
