"""A repository of images, pipelines or packages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_google.artifact_registry_repository import (
    ArtifactRegistryRepository,
    ArtifactRegistryRepositoryCleanupPolicies,
    ArtifactRegistryRepositoryCleanupPoliciesCondition,
    ArtifactRegistryRepositoryCleanupPoliciesMostRecentVersions,
    ArtifactRegistryRepositoryDockerConfig,
    ArtifactRegistryRepositoryRemoteRepositoryConfig,
    ArtifactRegistryRepositoryRemoteRepositoryConfigAptRepository,
    ArtifactRegistryRepositoryRemoteRepositoryConfigAptRepositoryPublicRepository,
    ArtifactRegistryRepositoryRemoteRepositoryConfigDockerRepository,
    ArtifactRegistryRepositoryRemoteRepositoryConfigPythonRepository,
    ArtifactRegistryRepositoryVirtualRepositoryConfig,
    ArtifactRegistryRepositoryVirtualRepositoryConfigUpstreamPolicies,
    ArtifactRegistryRepositoryVulnerabilityScanningConfig,
)
from constructs import Construct

from stacks.tables import PackageRepository

DAY = 24 * 60 * 60
SCANNED = "DOCKER"
FIRST = 100


class Repository(Construct):
    """One line of the table of repositories: encrypted with a customer key, cleaned up, images scanned.

    In the platform's own Docker repositories a tag can never be moved. `others` gives the ids of the repositories that
    a virtual one gathers. `project_id` and `kms_key` are values of Project.using and Project.key; `id` is to be had
    only once the repository exists.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        location: str,
        name: str,
        kms_key: str,
        line: PackageRepository,
        others: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        docker, own = line.format == SCANNED, line.source == "own"
        repository = ArtifactRegistryRepository(
            self,
            "repository",
            project=project_id,
            location=location,
            repository_id=name,
            description=line.description,
            format=line.format,
            mode={"own": "STANDARD", "remote": "REMOTE", "virtual": "VIRTUAL"}[line.source] + "_REPOSITORY",
            kms_key_name=kms_key,
            docker_config=ArtifactRegistryRepositoryDockerConfig(immutable_tags=True) if docker and own else None,
            vulnerability_scanning_config=ArtifactRegistryRepositoryVulnerabilityScanningConfig(
                enablement_config="INHERITED"
            )
            if docker
            else None,
            remote_repository_config=_remote(line) if line.source == "remote" else None,
            virtual_repository_config=_virtual(line, others) if line.source == "virtual" else None,
            cleanup_policies=_cleanup(line) if line.keep else None,
            cleanup_policy_dry_run=line.dry_run if line.keep else None,
        )
        self.id: str = repository.id


def _remote(line: PackageRepository) -> Any:
    upstream: Any
    match line.format:
        case "DOCKER":
            kind, upstream = "docker", ArtifactRegistryRepositoryRemoteRepositoryConfigDockerRepository
        case "PYTHON":
            kind, upstream = "python", ArtifactRegistryRepositoryRemoteRepositoryConfigPythonRepository
        case _:
            return ArtifactRegistryRepositoryRemoteRepositoryConfig(
                description=line.description,
                apt_repository=ArtifactRegistryRepositoryRemoteRepositoryConfigAptRepository(
                    public_repository=ArtifactRegistryRepositoryRemoteRepositoryConfigAptRepositoryPublicRepository(
                        repository_base=line.upstream or "", repository_path=line.path or ""
                    )
                ),
            )
    config: dict[str, Any] = {f"{kind}_repository": upstream(public_repository=line.upstream)}
    return ArtifactRegistryRepositoryRemoteRepositoryConfig(description=line.description, **config)


def _virtual(line: PackageRepository, others: Mapping[str, str]) -> Any:
    return ArtifactRegistryRepositoryVirtualRepositoryConfig(
        upstream_policies=[
            ArtifactRegistryRepositoryVirtualRepositoryConfigUpstreamPolicies(
                id=name, repository=others[name], priority=FIRST - place
            )
            for place, name in enumerate(line.of)
        ]
    )


def _cleanup(line: PackageRepository) -> list[Any]:
    return [
        ArtifactRegistryRepositoryCleanupPolicies(
            id="keep-recent",
            action="KEEP",
            most_recent_versions=ArtifactRegistryRepositoryCleanupPoliciesMostRecentVersions(keep_count=line.keep),
        ),
        ArtifactRegistryRepositoryCleanupPolicies(
            id="delete-old",
            action="DELETE",
            condition=ArtifactRegistryRepositoryCleanupPoliciesCondition(
                tag_state="UNTAGGED" if line.source == "own" else "ANY", older_than=f"{line.days * DAY}s"
            ),
        ),
    ]
