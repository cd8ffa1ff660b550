"""A BigQuery dataset for working data."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_google.bigquery_dataset import BigqueryDataset, BigqueryDatasetDefaultEncryptionConfiguration
from cdktf_cdktf_provider_google.bigquery_dataset_iam_member import BigqueryDatasetIamMember
from constructs import Construct

from stacks.constructs.project import Project


class Dataset(Construct):
    """A dataset with a customer key and a week of history, which is never deleted with its tables.

    `grants` maps a grant's own key to (role, member). `dataset_id` is to be had once the dataset exists.
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
        grants: Mapping[str, tuple[str, str]],
    ) -> None:
        super().__init__(scope, id_)
        made = BigqueryDataset(
            self,
            "dataset",
            project=project.using("bigquery"),
            dataset_id=dataset,
            description=description,
            location=location,
            max_time_travel_hours="168",
            delete_contents_on_destroy=False,
            default_encryption_configuration=BigqueryDatasetDefaultEncryptionConfiguration(
                kms_key_name=project.key("bigquery")
            ),
        )
        self.dataset_id: str = made.dataset_id
        for key, (role, member) in sorted(grants.items()):
            BigqueryDatasetIamMember(
                self, f"grant-{key}", project=project.id, dataset_id=made.dataset_id, role=role, member=member
            )
