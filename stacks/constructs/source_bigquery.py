"""A BigQuery source: a dataset whose classified columns only leave it masked."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cdktf_cdktf_provider_google.bigquery_datapolicy_data_policy import (
    BigqueryDatapolicyDataPolicy,
    BigqueryDatapolicyDataPolicyDataMaskingPolicy,
)
from cdktf_cdktf_provider_google.bigquery_dataset import BigqueryDataset, BigqueryDatasetDefaultEncryptionConfiguration
from cdktf_cdktf_provider_google.bigquery_job import (
    BigqueryJob,
    BigqueryJobLoad,
    BigqueryJobLoadDestinationEncryptionConfiguration,
    BigqueryJobLoadDestinationTable,
)
from cdktf_cdktf_provider_google.bigquery_row_access_policy import BigqueryRowAccessPolicy
from cdktf_cdktf_provider_google.bigquery_table import BigqueryTable, BigqueryTableEncryptionConfiguration
from cdktf_cdktf_provider_google.data_catalog_policy_tag import DataCatalogPolicyTag
from cdktf_cdktf_provider_google.data_catalog_taxonomy import DataCatalogTaxonomy
from cdktf_cdktf_provider_google.storage_bucket_object import StorageBucketObject
from constructs import Construct

from settings.model import Table
from stacks.constructs.bucket import Bucket
from stacks.constructs.project import Project
from stacks.constructs.text import literal


class BigQueryData(Construct):
    """Tables with a customer key. Example rows are loaded once, into an empty table; what is there is never replaced.

    `classifications` maps a class of columns to its description and masking; `row_readers` maps a team to the members
    who see the rows that a table's row access gives to that team. A table with row access shows nobody else any row.
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
        classifications: Mapping[str, Mapping[str, str]],
        row_readers: Mapping[str, list[str]],
    ) -> None:
        super().__init__(scope, id_)
        self._project, self._location, self._key = project, location, project.key("bigquery")
        self.dataset = BigqueryDataset(
            self,
            "dataset",
            project=project.using("bigquery"),
            dataset_id=dataset,
            description=description,
            location=location,
            max_time_travel_hours="168",
            delete_contents_on_destroy=False,
            default_encryption_configuration=BigqueryDatasetDefaultEncryptionConfiguration(kms_key_name=self._key),
        )
        tags = self._tags(taxonomy, {c.classification for t in tables.values() for c in t.columns}, classifications)
        staging = Bucket(
            self,
            "staging",
            project_id=project.using("storage"),
            name=staging_bucket,
            location=location,
            kms_key=project.key("storage"),
        )
        for name, table in sorted(tables.items()):
            made = self._table(name, table, tags)
            rows = [self._load(name, staging, examples[table.example], made)] if table.example else []
            for policy, access in sorted(table.row_access.items()):
                BigqueryRowAccessPolicy(
                    self,
                    f"rows-{name}-{policy}",
                    project=project.id,
                    dataset_id=self.dataset.dataset_id,
                    table_id=made.table_id,
                    policy_id=policy.replace("-", "_"),
                    filter_predicate=access.filter,
                    grantees=row_readers[access.team],
                    depends_on=rows,
                )

    def _tags(
        self, taxonomy: str, used: set[str | None], classifications: Mapping[str, Mapping[str, str]]
    ) -> dict[str, str]:
        """Policy tag of each classification in use; whoever may read the table sees its columns masked."""
        used_names = sorted(name for name in used if name)
        if not used_names:
            return {}
        made = DataCatalogTaxonomy(
            self,
            "taxonomy",
            project=self._project.using("datacatalog"),
            region=self._location,
            display_name=taxonomy,
            activated_policy_types=["FINE_GRAINED_ACCESS_CONTROL"],
        )
        tags = {}
        for name in used_names:
            tag = DataCatalogPolicyTag(
                self,
                f"tag-{name}",
                taxonomy=made.name,
                display_name=name,
                description=classifications[name]["description"],
            )
            BigqueryDatapolicyDataPolicy(
                self,
                f"masking-{name}",
                project=self._project.using("bigquerydatapolicy"),
                location=self._location,
                data_policy_id=f"{name}_masked",
                policy_tag=tag.name,
                data_policy_type="DATA_MASKING_POLICY",
                data_masking_policy=BigqueryDatapolicyDataPolicyDataMaskingPolicy(
                    predefined_expression=classifications[name]["masking"]
                ),
            )
            tags[name] = tag.name
        return tags

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
            dataset_id=self.dataset.dataset_id,
            table_id=name,
            schema=json.dumps(columns),
            deletion_protection=True,
            encryption_configuration=BigqueryTableEncryptionConfiguration(kms_key_name=self._key),
        )

    def _load(self, name: str, staging: Bucket, content: str, table: BigqueryTable) -> BigqueryJob:
        rows = StorageBucketObject(
            self, f"example-{name}", bucket=staging.name, name=f"{name}.csv", content=literal(content)
        )
        return BigqueryJob(
            self,
            f"load-{name}",
            project=self._project.id,
            location=self._location,
            job_id=f"example-{name}",
            load=BigqueryJobLoad(
                source_uris=[f"gs://{staging.name}/{rows.output_name}"],
                destination_table=BigqueryJobLoadDestinationTable(
                    project_id=self._project.id, dataset_id=self.dataset.dataset_id, table_id=table.table_id
                ),
                destination_encryption_configuration=BigqueryJobLoadDestinationEncryptionConfiguration(
                    kms_key_name=self._key
                ),
                source_format="CSV",
                skip_leading_rows=1,
                write_disposition="WRITE_EMPTY",
                create_disposition="CREATE_NEVER",
                autodetect=False,
            ),
        )
