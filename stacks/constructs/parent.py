"""What may hang at an organization as well as at a folder, said once: the type of resource follows from the parent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_google.cloud_asset_folder_feed import (
    CloudAssetFolderFeed,
    CloudAssetFolderFeedCondition,
    CloudAssetFolderFeedFeedOutputConfig,
    CloudAssetFolderFeedFeedOutputConfigPubsubDestination,
)
from cdktf_cdktf_provider_google.cloud_asset_organization_feed import (
    CloudAssetOrganizationFeed,
    CloudAssetOrganizationFeedCondition,
    CloudAssetOrganizationFeedFeedOutputConfig,
    CloudAssetOrganizationFeedFeedOutputConfigPubsubDestination,
)
from cdktf_cdktf_provider_google.folder_iam_audit_config import (
    FolderIamAuditConfig,
    FolderIamAuditConfigAuditLogConfig,
)
from cdktf_cdktf_provider_google.folder_iam_member import FolderIamMember
from cdktf_cdktf_provider_google.logging_folder_sink import LoggingFolderSink
from cdktf_cdktf_provider_google.logging_organization_sink import LoggingOrganizationSink
from cdktf_cdktf_provider_google.organization_iam_audit_config import (
    OrganizationIamAuditConfig,
    OrganizationIamAuditConfigAuditLogConfig,
)
from cdktf_cdktf_provider_google.organization_iam_member import OrganizationIamMember
from constructs import Construct


def role_key(role: str) -> str:
    """A role as part of a construct id: its last segment, lower case, hyphenated."""
    return role.rsplit("/", 1)[-1].replace(".", "-").replace("_", "-").lower()


@dataclass(frozen=True)
class Parent:
    """An organization (`organizations/ID`) or a folder (`folders/ID`, which may be a reference)."""

    name: str

    @property
    def organization_id(self) -> str | None:
        """The bare id where this is an organization."""
        return self.name.removeprefix("organizations/") if self.name.startswith("organizations/") else None

    def grant(self, scope: Construct, id_: str, *, role: str, member: str) -> None:
        """`member` holds `role` here and below."""
        if self.organization_id:
            OrganizationIamMember(scope, id_, org_id=self.organization_id, role=role, member=member)
        else:
            FolderIamMember(scope, id_, folder=self.name, role=role, member=member)

    def audit(self, scope: Construct, id_: str, *, service: str, log_types: Sequence[str]) -> None:
        """Calls of a service here and below are logged."""
        if self.organization_id:
            kinds = [OrganizationIamAuditConfigAuditLogConfig(log_type=kind) for kind in log_types]
            OrganizationIamAuditConfig(scope, id_, org_id=self.organization_id, service=service, audit_log_config=kinds)
        else:
            below = [FolderIamAuditConfigAuditLogConfig(log_type=kind) for kind in log_types]
            FolderIamAuditConfig(scope, id_, folder=self.name, service=service, audit_log_config=below)

    def sink(self, scope: Construct, id_: str, *, name: str, description: str, destination: str, query: str) -> str:
        """Logs of everything here and below go to `destination`; returns the member that writes them there."""
        shared = {
            "name": name,
            "description": description,
            "destination": destination,
            "filter": query,
            "include_children": True,
        }
        made = (
            LoggingOrganizationSink(scope, id_, org_id=self.organization_id, **shared)
            if self.organization_id
            else LoggingFolderSink(scope, id_, folder=self.name, **shared)
        )
        member: str = made.writer_identity
        return member

    def iam_feed(
        self,
        scope: Construct,
        id_: str,
        *,
        project: str,
        feed: str,
        topic: str,
        title: str,
        condition: str,
        depends_on: Sequence[Any],
    ) -> None:
        """Changes of allow policies here and below that meet `condition` are told to `topic` by `project`'s agent."""
        shared = {
            "billing_project": project,
            "feed_id": feed,
            "content_type": "IAM_POLICY",
            "asset_types": [".*"],
            "depends_on": list(depends_on),
        }
        if self.organization_id:
            CloudAssetOrganizationFeed(
                scope,
                id_,
                org_id=self.organization_id,
                feed_output_config=CloudAssetOrganizationFeedFeedOutputConfig(
                    pubsub_destination=CloudAssetOrganizationFeedFeedOutputConfigPubsubDestination(topic=topic)
                ),
                condition=CloudAssetOrganizationFeedCondition(title=title, expression=condition),
                **shared,
            )
        else:
            CloudAssetFolderFeed(
                scope,
                id_,
                folder=self.name.removeprefix("folders/"),
                feed_output_config=CloudAssetFolderFeedFeedOutputConfig(
                    pubsub_destination=CloudAssetFolderFeedFeedOutputConfigPubsubDestination(topic=topic)
                ),
                condition=CloudAssetFolderFeedCondition(title=title, expression=condition),
                **shared,
            )
