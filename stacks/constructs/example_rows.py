"""Example rows of a table."""

from __future__ import annotations

from cdktf_cdktf_provider_google.bigquery_job import (
    BigqueryJob,
    BigqueryJobLoad,
    BigqueryJobLoadDestinationEncryptionConfiguration,
    BigqueryJobLoadDestinationTable,
)
from cdktf_cdktf_provider_google.bigquery_table import BigqueryTable
from cdktf_cdktf_provider_google.storage_bucket_object import StorageBucketObject
from constructs import Construct

from stacks.constructs.bucket import Bucket
from stacks.constructs.project import Project
from stacks.constructs.text import literal


class ExampleRows(Construct):
    """The rows of a CSV text, loaded once and only while the table is empty: what is in a table is never replaced."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        location: str,
        staging: Bucket,
        dataset_id: str,
        table: BigqueryTable,
        name: str,
        content: str,
    ) -> None:
        super().__init__(scope, id_)
        text = StorageBucketObject(self, "text", bucket=staging.name, name=f"{name}.csv", content=literal(content))
        self.loaded = BigqueryJob(
            self,
            "load",
            project=project.id,
            location=location,
            job_id=f"example-{name}",
            load=BigqueryJobLoad(
                source_uris=[f"gs://{staging.name}/{text.output_name}"],
                destination_table=BigqueryJobLoadDestinationTable(
                    project_id=project.id, dataset_id=dataset_id, table_id=table.table_id
                ),
                destination_encryption_configuration=BigqueryJobLoadDestinationEncryptionConfiguration(
                    kms_key_name=project.key("bigquery")
                ),
                source_format="CSV",
                skip_leading_rows=1,
                write_disposition="WRITE_EMPTY",
                create_disposition="CREATE_NEVER",
                autodetect=False,
            ),
        )
