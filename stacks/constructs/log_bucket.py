"""A log bucket that people search with SQL."""

from __future__ import annotations

from typing import Any

from cdktf_cdktf_provider_google.data_google_logging_project_cmek_settings import DataGoogleLoggingProjectCmekSettings
from cdktf_cdktf_provider_google.kms_crypto_key_iam_member import KmsCryptoKeyIamMember
from cdktf_cdktf_provider_google.logging_project_bucket_config import (
    LoggingProjectBucketConfig,
    LoggingProjectBucketConfigCmekSettings,
)
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember, ProjectIamMemberCondition
from constructs import Construct

from stacks.constructs.project import ENCRYPTER, Project


class LogBucket(Construct):
    """A bucket for logs with a customer key from the first entry on; `destination` is what a sink has to be told."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        location: str,
        name: str,
        description: str,
        kms_key: str,
        retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        self._project, self._name = project, name
        api: Any = project.node.find_child("api-logging")
        # Danger: a data source is read during plan unless it depends on something that has yet to change.
        agent = DataGoogleLoggingProjectCmekSettings(self, "agent", project=project.id, depends_on=[api])
        grant = KmsCryptoKeyIamMember(
            self,
            "key",
            crypto_key_id=kms_key,
            role=ENCRYPTER,
            member=f"serviceAccount:{agent.service_account_id}",
        )
        bucket = LoggingProjectBucketConfig(
            self,
            "bucket",
            project=project.using("logging"),
            location=location,
            bucket_id=name,
            description=description,
            retention_days=retention_days,
            enable_analytics=True,
            cmek_settings=LoggingProjectBucketConfigCmekSettings(kms_key_name=grant.crypto_key_id),
        )
        self.destination: str = f"logging.googleapis.com/{bucket.id}"

    def written_by(self, member: str) -> None:
        """`member` writes entries here and into no other bucket of the project."""
        ProjectIamMember(
            self,
            "writer",
            project=self._project.using("logging"),
            role="roles/logging.bucketWriter",
            member=member,
            condition=ProjectIamMemberCondition(
                title="this-bucket-only", expression=f'resource.name.endsWith("/buckets/{self._name}")'
            ),
        )
