"""A BigQuery source: a dataset whose classified columns only leave it masked."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cdktf_cdktf_provider_google.bigquery_row_access_policy import BigqueryRowAccessPolicy
from cdktf_cdktf_provider_google.bigquery_table import BigqueryTable, BigqueryTableEncryptionConfiguration
from constructs import Construct

from settings.model import Table
from stacks.constructs.bucket import Bucket
from stacks.constructs.column_classes import ColumnClasses
from stacks.constructs.dataset import Dataset
from stacks.constructs.example_rows import ExampleRows
from stacks.constructs.project import Project
from stacks.source_kinds import ColumnClass


class BigQueryData(Construct):
    """Tables with a customer key, their classified columns masked, filled with example rows where there are any.

    `examples` maps an example file to its text; `row_readers` maps a team to the members who see the rows that a
    table's row access gives to that team. A table with row access shows nobody else any row.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        location: str,
        dataset: str,
        description: str,
        taxonomy: str,
        staging_bucket: str,
        tables: Mapping[str, Table],
        examples: Mapping[str, str],
        classes: Mapping[str, ColumnClass],
        row_readers: Mapping[str, list[str]],
    ) -> None:
        super().__init__(scope, id_)
        self._project, self._location = project, location
        self._dataset = Dataset(
            self, "tables", project=project, location=location, dataset=dataset, description=description, grants={}
        ).dataset_id
        used: set[str | None] = {column.classification for table in tables.values() for column in table.columns}
        masked = {name: facts for name, facts in classes.items() if name in used}
        tags: dict[str, str] = {}
        if masked:
            tags = ColumnClasses(
                self, "classes", project=project, location=location, taxonomy=taxonomy, classes=masked
            ).tags
        staging = Bucket(
            self,
            "staging",
            project_id=project.using("storage"),
            name=staging_bucket,
            location=location,
            kms_key=project.key("storage"),
        )
        for name, table in sorted(tables.items()):
            self._fill(name, table, self._table(name, table, tags), staging, examples, row_readers)

    def _table(self, name: str, table: Table, tags: Mapping[str, str]) -> BigqueryTable:
        columns = []
        for column in table.columns:
            given = {"name": column.name, "type": column.type, "mode": column.mode, "description": column.description}
            tag = {"policyTags": {"names": [tags[column.classification]]}} if column.classification else {}
            columns.append(given | tag)
        return BigqueryTable(
            self,
            f"table-{name}",
            project=self._project.id,
            dataset_id=self._dataset,
            table_id=name,
            schema=json.dumps(columns),
            deletion_protection=True,
            encryption_configuration=BigqueryTableEncryptionConfiguration(kms_key_name=self._project.key("bigquery")),
        )

    def _fill(
        self,
        name: str,
        table: Table,
        made: BigqueryTable,
        staging: Bucket,
        examples: Mapping[str, str],
        row_readers: Mapping[str, list[str]],
    ) -> None:
        before = []
        if table.example:
            rows = ExampleRows(
                self,
                f"rows-{name}",
                project=self._project,
                location=self._location,
                staging=staging,
                dataset_id=self._dataset,
                table=made,
                name=name,
                content=examples[table.example],
            )
            before = [rows.loaded]
        for policy, access in sorted(table.row_access.items()):
            BigqueryRowAccessPolicy(
                self,
                f"access-{name}-{policy}",
                project=self._project.id,
                dataset_id=self._dataset,
                table_id=made.table_id,
                policy_id=policy.replace("-", "_"),
                filter_predicate=access.filter,
                grantees=row_readers[access.team],
                depends_on=before,
            )
