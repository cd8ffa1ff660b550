"""Logging: where the audit trail of the whole platform is kept, and who may not change it."""

from __future__ import annotations

from typing import Any

from cdktf_cdktf_provider_google.bigquery_dataset import (
    BigqueryDataset,
    BigqueryDatasetDefaultEncryptionConfiguration,
)
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from cdktf_cdktf_provider_google.pubsub_topic import PubsubTopic, PubsubTopicMessageStoragePolicy
from cdktf_cdktf_provider_google.pubsub_topic_iam_member import PubsubTopicIamMember
from cdktf_cdktf_provider_google.storage_bucket_iam_member import StorageBucketIamMember
from constructs import Construct

from groups.personas import Persona, grants
from settings.model import Organization
from settings.names import COMMON, Names
from stacks.constructs.archive import Archive
from stacks.constructs.folder import folder_of
from stacks.constructs.log_bucket import LogBucket
from stacks.constructs.parent import Parent, role_key
from stacks.constructs.project import Project
from stacks.stack import Stack
from stacks.tables import Audit, LogSinks

KEYED = ("bigquery", "pubsub", "storage")


class LoggingStack(Stack):
    """A log bucket to search, an archive that nobody can shorten, a topic to listen to; grants of dangerous roles told.

    It comes after the common keys, so that nothing in it is ever without one.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        apis: list[str],
        sinks: LogSinks,
        audit: Audit,
        personas: dict[str, Persona],
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern="organization")
        self._parent = Parent(organization.parent)
        self._sinks = sinks
        self._project = Project(
            self,
            "project",
            project_id=names.project(COMMON, "logging"),
            folder=folder_of(self, COMMON, organization=organization, names=names),
            billing_account=organization.billing_account,
            labels=names.labels(COMMON, "logging"),
            apis=apis,
            keys={service: names.key(COMMON, self.region, service) for service in KEYED},
            identities=["cloudasset"],
            adopted=organization.existing.projects.get(f"{COMMON}-logging"),
        )
        self._analytics()
        self._archive()
        self._stream()
        self._tell_dangerous_grants(audit)
        self._billing_export()
        for key, persona in sorted(personas.items()):
            for role in grants(persona, "logging"):
                ProjectIamMember(
                    self,
                    f"{key}-{role_key(role)}",
                    project=self._project.using("logging"),
                    role=role,
                    member=f"group:{names.group(key)}",
                )

    def _analytics(self) -> None:
        bucket = LogBucket(
            self,
            "analytics",
            project=self._project,
            location=self.region,
            name=self.names.log_bucket(),
            description=self._sinks.analytics.description,
            kms_key=self.names.key(COMMON, self.region, "logging"),
            retention_days=self.organization.log_retention_days,
        )
        bucket.written_by(self._sink("analytics", bucket.destination, self._sinks.analytics.query))

    def _archive(self) -> None:
        archive = Archive(
            self,
            "archive",
            project_id=self._project.using("storage"),
            name=self.names.bucket(COMMON, "logging", "archive"),
            location=self.region,
            kms_key=self._project.key("storage"),
            retention_days=self.organization.log_retention_days,
        )
        writer = self._sink("archive", f"storage.googleapis.com/{archive.name}", self._sinks.archive.query)
        StorageBucketIamMember(
            self, "archive-writer", bucket=archive.name, role="roles/storage.objectCreator", member=writer
        )

    def _stream(self) -> None:
        topic = self._topic("stream", "log-stream")
        writer = self._sink("stream", f"pubsub.googleapis.com/{topic.id}", self._sinks.stream.query)
        self._publisher("stream", topic, writer)

    def _tell_dangerous_grants(self, audit: Audit) -> None:
        topic = self._topic("grants", "dangerous-grants")
        grant = self._publisher("grants", topic, self._project.agent("cloudasset"))
        told = ", ".join(f'"{role}"' for role in sorted(audit.dangerous_roles))
        self._parent.iam_feed(
            self,
            "grants-feed",
            project=self._project.using("cloudasset"),
            feed=self.names.resource("dangerous-grants"),
            topic=topic.id,
            title="Dangerous roles are granted",
            condition=f"!temporal_asset.deleted && "
            f"temporal_asset.asset.iam_policy.bindings.exists(b, b.role in [{told}])",
            depends_on=[grant],
        )

    def _billing_export(self) -> None:
        BigqueryDataset(
            self,
            "billing",
            project=self._project.using("bigquery"),
            dataset_id=self.names.dataset("billing", "export"),
            friendly_name="Billing export",
            location=self.region,
            default_encryption_configuration=BigqueryDatasetDefaultEncryptionConfiguration(
                kms_key_name=self._project.key("bigquery")
            ),
            delete_contents_on_destroy=False,
        )

    def _sink(self, key: str, destination: str, query: str) -> str:
        return self._parent.sink(
            self,
            f"{key}-sink",
            name=self.names.resource(key),
            description=getattr(self._sinks, key).description,
            destination=destination,
            query=query,
        )

    def _topic(self, id_: str, name: str) -> Any:
        return PubsubTopic(
            self,
            id_,
            project=self._project.using("pubsub"),
            name=self.names.resource(name),
            kms_key_name=self._project.key("pubsub"),
            message_storage_policy=PubsubTopicMessageStoragePolicy(allowed_persistence_regions=[self.region]),
        )

    def _publisher(self, id_: str, topic: Any, member: str) -> PubsubTopicIamMember:
        return PubsubTopicIamMember(
            self,
            f"{id_}-publisher",
            project=topic.project,
            topic=topic.name,
            role="roles/pubsub.publisher",
            member=member,
        )
