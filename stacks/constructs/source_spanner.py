"""A Spanner source: one database on an instance of its own."""

from __future__ import annotations

from cdktf_cdktf_provider_google.spanner_database import SpannerDatabase, SpannerDatabaseEncryptionConfig
from cdktf_cdktf_provider_google.spanner_instance import SpannerInstance
from constructs import Construct

from stacks.constructs.project import Project


class SpannerData(Construct):
    """A database with a customer key, daily backups, a week of history and protection against being dropped."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        location: str,
        instance: str,
        database: str,
        description: str,
        processing_units: int,
        ddl: list[str],
    ) -> None:
        super().__init__(scope, id_)
        made = SpannerInstance(
            self,
            "instance",
            project=project.using("spanner"),
            name=instance,
            display_name=description,
            config=f"regional-{location}",
            edition="ENTERPRISE",
            processing_units=processing_units,
            default_backup_schedule_type="AUTOMATIC",
            force_destroy=False,
        )
        SpannerDatabase(
            self,
            "database",
            project=project.id,
            instance=made.name,
            name=database,
            ddl=ddl or None,
            version_retention_period="7d",
            enable_drop_protection=True,
            deletion_protection=True,
            encryption_config=SpannerDatabaseEncryptionConfig(kms_key_name=project.key("spanner")),
        )
