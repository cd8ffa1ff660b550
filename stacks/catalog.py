"""The catalog: the archives of the templates that data scientists may launch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs import Construct

from settings.model import Organization
from settings.names import COMMON, Names
from stacks.constructs.access_policy import access_policy_of
from stacks.constructs.bucket import Bucket
from stacks.constructs.delegation import Delegation
from stacks.constructs.folder import folder_of
from stacks.constructs.perimeter import Mode, PerimeterMember
from stacks.constructs.project import Project
from stacks.stack import Stack

READER = "roles/storage.objectViewer"
RETENTION_DAYS = 30
VERSIONS_DAYS = 365


class CatalogStack(Stack):
    """The template bucket in a project of its own: an archive stays as it is; only the interactive pipeline adds one.

    The pipeline gets that right from delivery. `delegates` are the deployers of launchers: they may hand out reading
    and nothing else, by a key of their own. The bucket holds archives only; logs of builds never come here.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        apis: Sequence[str],
        delegates: Mapping[str, str],
        mode: Mode,
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern="catalog")
        project = Project(
            self,
            "project",
            project_id=names.project(COMMON, "catalog"),
            folder=folder_of(self, COMMON, organization=organization, names=names),
            billing_account=organization.billing_account,
            labels=names.labels(COMMON, "catalog"),
            apis=apis,
            keys={"storage": names.key(COMMON, self.region, "storage")},
            adopted=organization.existing.projects.get(f"{COMMON}-catalog"),
        )
        Bucket(
            self,
            "templates",
            project_id=project.using("storage"),
            name=names.template_bucket(),
            location=self.region,
            kms_key=project.key("storage"),
            keep_versions_days=VERSIONS_DAYS,
            retention_days=RETENTION_DAYS,
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
