"""What a build may do beyond its own project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_google.artifact_registry_repository_iam_member import ArtifactRegistryRepositoryIamMember
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from cdktf_cdktf_provider_google.storage_bucket_iam_member import (
    StorageBucketIamMember,
    StorageBucketIamMemberCondition,
)
from constructs import Construct

WRITER = "roles/artifactregistry.writer"
CREATOR, VIEWER = "roles/storage.objectCreator", "roles/storage.objectViewer"
ADDED = {"read": VIEWER, "write": CREATOR}
STATE = {"read": VIEWER, "write": "roles/storage.objectUser"}


class Publisher(Construct):
    """Lets a builder read the artifacts project, and write to the named repositories only."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        member: str,
        project_id: str,
        location: str,
        roles: Sequence[str],
        repositories: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        for role in sorted(roles):
            key = role.removeprefix("roles/").replace(".", "-").lower()
            ProjectIamMember(self, f"role-{key}", project=project_id, role=role, member=member)
        for repository in sorted(repositories):
            ArtifactRegistryRepositoryIamMember(
                self,
                f"writer-{repository}",
                project=project_id,
                location=location,
                repository=repository,
                role=WRITER,
                member=member,
            )


class TemplateAuthor(Construct):
    """Lets a builder add archives below one folder of the template bucket and read all; it can replace none.

    The reviewers of its changes read that folder.
    """

    def __init__(self, scope: Construct, id_: str, *, member: str, bucket: str, folder: str, reviewers: str) -> None:
        super().__init__(scope, id_)
        inside = StorageBucketIamMemberCondition(
            title=f"{folder}-only",
            expression=f'resource.name.startsWith("projects/_/buckets/{bucket}/objects/{folder}/")',
        )
        StorageBucketIamMember(
            self,
            "creator",
            bucket=bucket,
            role=CREATOR,
            member=member,
            condition=inside,
        )
        StorageBucketIamMember(self, "viewer", bucket=bucket, role=VIEWER, member=member)
        StorageBucketIamMember(self, "reviewers", bucket=bucket, role=VIEWER, member=reviewers, condition=inside)


class BucketUse(Construct):
    """Lets a builder use buckets: `roles` maps a key to (bucket, role)."""

    def __init__(self, scope: Construct, id_: str, *, member: str, roles: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(scope, id_)
        for key, (bucket, role) in sorted(roles.items()):
            StorageBucketIamMember(self, key, bucket=bucket, role=role, member=member)
