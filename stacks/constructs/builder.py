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
ADDED = {"read": [VIEWER], "write": [CREATOR], "both": [VIEWER, CREATOR]}
STATE = {"read": [VIEWER], "write": ["roles/storage.objectUser"]}


def inside(bucket: str, folder: str, *, listed: bool = False) -> StorageBucketIamMemberCondition:
    """That a grant holds in one folder of a bucket only; who reads there may need the bucket `listed`, too."""
    place = f"projects/_/buckets/{bucket}"
    whole = f'resource.name == "{place}" || ' if listed else ""
    return StorageBucketIamMemberCondition(
        title=f"{folder.replace('/', '-')}-only",
        expression=f'{whole}resource.name.startsWith("{place}/objects/{folder}/")',
    )


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
        own = inside(bucket, folder)
        StorageBucketIamMember(self, "creator", bucket=bucket, role=CREATOR, member=member, condition=own)
        StorageBucketIamMember(self, "viewer", bucket=bucket, role=VIEWER, member=member)
        StorageBucketIamMember(self, "reviewers", bucket=bucket, role=VIEWER, member=reviewers, condition=own)


class BucketUse(Construct):
    """Lets a builder use buckets: `roles` maps a key to (bucket, roles); the first is the one that names it."""

    def __init__(self, scope: Construct, id_: str, *, member: str, roles: Mapping[str, tuple[str, list[str]]]) -> None:
        super().__init__(scope, id_)
        for key, (bucket, held) in sorted(roles.items()):
            for role in held:
                own = key if role == held[0] else f"{key}-{role.rpartition('.')[2].lower()}"
                StorageBucketIamMember(self, own, bucket=bucket, role=role, member=member)


class OrderDesk(Construct):
    """Lets teams leave orders in a bucket and read their answers, and the builder read orders and answer them.

    `customers` maps a team to its groups. Nobody replaces or removes anything, and no team adds to another's folder.
    """

    def __init__(
        self, scope: Construct, id_: str, *, member: str, bucket: str, customers: Mapping[str, Mapping[str, str]]
    ) -> None:
        super().__init__(scope, id_)
        self._bucket = bucket
        StorageBucketIamMember(self, "orders", bucket=bucket, role=VIEWER, member=member)
        self._inside("answers", CREATOR, member, "answers")
        for team, groups in sorted(customers.items()):
            for key, group in sorted(groups.items()):
                self._inside(f"orders-{team}-{key}", CREATOR, group, f"orders/{team}")
                self._inside(f"answers-{team}-{key}", VIEWER, group, f"answers/{team}")

    def _inside(self, id_: str, role: str, member: str, folder: str) -> None:
        condition = inside(self._bucket, folder, listed=role == VIEWER)
        StorageBucketIamMember(self, id_, bucket=self._bucket, role=role, member=member, condition=condition)
