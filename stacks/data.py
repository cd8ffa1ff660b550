"""Source data: one project per source, read-only to everybody, lent for a time by its owner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, assert_never

from cdktf_cdktf_provider_google.data_google_project import DataGoogleProject
from constructs import Construct

from settings.model import AlloyDBSource, BigQuerySource, Organization, Source, SpannerSource, StorageSource
from settings.names import COMMON, Names
from stacks.constructs.access_policy import access_policy_of
from stacks.constructs.delegation import Delegation, RowPolicyAuthor
from stacks.constructs.folder import folder_of
from stacks.constructs.perimeter import Mode, PerimeterMember
from stacks.constructs.project import Project
from stacks.constructs.source_access import Lending, ReadOnly
from stacks.constructs.source_alloydb import AlloyDBData
from stacks.constructs.source_bigquery import BigQueryData
from stacks.constructs.source_spanner import SpannerData
from stacks.constructs.source_storage import StorageData
from stacks.source_kinds import ColumnClass, Kind
from stacks.stack import Stack


class DataStack(Stack):
    """Every source in a project of its own inside the perimeter of `home`. No person and no notebook can write to it.

    `apis` and `teams` map a source to the APIs of its kind and to the teams that list it; `examples` maps an example
    file to its text; `readers` maps a team to the e-mails of its pipelines, by environment; `networks` are the
    environments whose networks may reach databases. `delegates` deploy what reads, and may grant it reading.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        sources: Mapping[str, Source],
        apis: Mapping[str, list[str]],
        teams: Mapping[str, list[str]],
        examples: Mapping[str, str],
        home: str,
        mode: Mode,
        operational: list[str],
        networks: list[str],
        delegate: str,
        lender: str,
        kinds: Mapping[str, Kind],
        classes: Mapping[str, ColumnClass],
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment="data", concern="data")
        self._examples, self._delegate, self._lender = examples, delegate, lender
        self._kinds, self._classes = kinds, classes
        self._operational, self._networks = operational, networks
        folder = folder_of(self, COMMON, organization=organization, names=names)
        policy = access_policy_of(self, organization=organization)
        for key, source in sources.items():
            place = Construct(self, key)
            project = self._project(place, key, source, folder, apis[key])
            PerimeterMember(
                place,
                "perimeter",
                access_policy=policy,
                perimeter=names.perimeter(home),
                project_number=project.number,
                mode=mode,
            )
            self._content(place, key, source, project, teams[key])
            self._access(place, key, source, project, teams[key])

    def _project(self, scope: Construct, key: str, source: Source, folder: str, apis: list[str]) -> Project:
        return Project(
            scope,
            "project",
            project_id=self.names.project("data", key),
            folder=folder,
            billing_account=self.organization.billing_account,
            labels=self.names.labels("data", key),
            apis=apis,
            keys={service: self.names.key(COMMON, self.region, service) for service in self._kinds[source.kind].keys},
            adopted=self.organization.existing.projects.get(f"data-{key}"),
        )

    def _access(self, scope: Construct, key: str, source: Source, project: Project, teams: list[str]) -> None:
        facts = self._kinds[source.kind]
        ReadOnly(scope, "read-only", project=project, refused=facts.refused, writer=self.names.deployer("data"))
        Delegation(scope, "delegation", project_id=project.using("iam"), delegate=self._delegate, roles=facts.readers)
        if teams:
            Lending(
                scope,
                "lending",
                project=project,
                entitlement=f"read-{key}",
                owner=source.owner,
                eligible=[f"group:{self.names.group('data_scientist', team)}" for team in teams],
                roles=facts.readers,
                hours=source.maximum_access_hours,
                lender=self._lender,
            )

    def _content(self, scope: Construct, key: str, source: Source, project: Project, teams: list[str]) -> None:
        names = self.names
        shared: dict[str, Any] = {"project": project, "location": self.region}
        match source:
            case BigQuerySource():
                rows = {access.team for table in source.tables.values() for access in table.row_access.values()}
                BigQueryData(
                    scope,
                    "data",
                    **shared,
                    dataset=names.dataset(key),
                    description=source.description,
                    taxonomy=names.resource("data", key),
                    staging_bucket=names.bucket("data", key, "staging"),
                    tables=source.tables,
                    examples=self._examples,
                    classes=self._classes,
                    row_readers={team: [f"group:{names.group('data_scientist', team)}"] for team in rows},
                )
                if rows:
                    RowPolicyAuthor(scope, "row-policies", project_id=project.using("iam"), author=self._delegate)
            case StorageSource():
                named = {PurePosixPath(path).name: self._examples[path] for path in source.examples}
                StorageData(scope, "data", **shared, bucket=names.bucket("data", key, "files"), examples=named)
            case SpannerSource():
                SpannerData(
                    scope,
                    "data",
                    **shared,
                    instance=names.resource(key),
                    database=key,
                    description=names.resource(key),
                    processing_units=source.processing_units,
                    ddl=source.ddl,
                )
            case AlloyDBSource():
                AlloyDBData(
                    scope,
                    "data",
                    **shared,
                    cluster=names.resource(key),
                    description=source.description,
                    cpu_count=source.cpu_count,
                    networks={names.project(e, "network"): self._reachable(scope, e) for e in self._networks},
                    readers={
                        f"{team}-{e}": names.service_account(e, team, "pipeline")
                        for team in teams
                        for e in self._operational
                    },
                )
            case _:
                assert_never(source)

    def _reachable(self, scope: Construct, environment: str) -> tuple[str, str]:
        host = DataGoogleProject(scope, f"host-{environment}", project_id=self.names.project(environment, "network"))
        number: str = host.number
        return number, self.names.network_link(environment)
