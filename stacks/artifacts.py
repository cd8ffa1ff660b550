"""Artifacts: the only home of images, pipeline definitions and packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs import Construct

from settings.model import Organization
from settings.names import COMMON, Names
from stacks.constructs.access_policy import access_policy_of
from stacks.constructs.attestor import Attestor
from stacks.constructs.delegation import Delegation
from stacks.constructs.folder import folder_of
from stacks.constructs.package_repository import Repository
from stacks.constructs.perimeter import Mode, PerimeterMember
from stacks.constructs.project import Project
from stacks.stack import Stack
from stacks.tables import PackageRepository

READER = "roles/artifactregistry.reader"


class ArtifactsStack(Stack):
    """The artifacts project inside the common perimeter. Nobody writes here; pipelines get that right from delivery.

    `delegates` are the deployers of what reads: they may hand out reading and nothing else, by a key of their own.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        apis: Sequence[str],
        repositories: Mapping[str, PackageRepository],
        delegates: Mapping[str, str],
        mode: Mode,
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern="artifacts")
        project = Project(
            self,
            "project",
            project_id=names.project(COMMON, "artifacts"),
            folder=folder_of(self, COMMON, organization=organization, names=names),
            billing_account=organization.billing_account,
            labels=names.labels(COMMON, "artifacts"),
            apis=apis,
            keys={"artifactregistry": names.key(COMMON, self.region, "artifactregistry")},
            adopted=organization.existing.projects.get(f"{COMMON}-artifacts"),
        )
        made: dict[str, str] = {}
        for name, line in sorted(repositories.items(), key=lambda item: item[1].source == "virtual"):
            made[name] = Repository(
                self,
                f"repository-{name}",
                project_id=project.using("artifactregistry"),
                location=self.region,
                name=name,
                kms_key=project.key("artifactregistry"),
                line=line,
                others=made,
            ).id
        Attestor(
            self,
            "promoted",
            project=project,
            location=self.region,
            name=names.attestor(),
            statement="A data engineer approved the use of this image",
        )
        for key, delegate in sorted(delegates.items()):
            Delegation(self, f"readers-{key}", project_id=project.using("iam"), delegate=delegate, roles=[READER])
        PerimeterMember(
            self,
            "perimeter",
            access_policy=access_policy_of(self, organization=organization),
            perimeter=names.perimeter(COMMON),
            project_number=project.number,
            mode=mode,
        )
