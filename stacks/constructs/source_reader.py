"""A pipeline's standing right to read one source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_google.bigquery_row_access_policy import BigqueryRowAccessPolicy
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from constructs import Construct


class SourceReader(Construct):
    """Lets `member` read the source in a project and nothing more; of tables with row access, only the given rows.

    `rows` maps a key to (dataset, table, filter): the rows of the member's team.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        member: str,
        roles: Sequence[str],
        rows: Mapping[str, tuple[str, str, str]],
    ) -> None:
        super().__init__(scope, id_)
        for role in sorted(roles):
            word = role.removeprefix("roles/").replace(".", "-").lower()
            ProjectIamMember(self, word, project=project_id, role=role, member=member)
        for key, (dataset, table, condition) in sorted(rows.items()):
            BigqueryRowAccessPolicy(
                self,
                f"rows-{table}-{key}",
                project=project_id,
                dataset_id=dataset,
                table_id=table,
                policy_id=key.replace("-", "_"),
                filter_predicate=condition,
                grantees=[member],
            )
