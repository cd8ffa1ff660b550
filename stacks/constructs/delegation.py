"""The right to hand out a few roles and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_google.project_iam_custom_role import ProjectIamCustomRole
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember, ProjectIamMemberCondition
from constructs import Construct

GRANTER = "roles/resourcemanager.projectIamAdmin"
ROW_POLICIES = [
    "bigquery.rowAccessPolicies.create",
    "bigquery.rowAccessPolicies.delete",
    "bigquery.rowAccessPolicies.get",
    "bigquery.rowAccessPolicies.getIamPolicy",
    "bigquery.rowAccessPolicies.list",
    "bigquery.rowAccessPolicies.setIamPolicy",
    "bigquery.rowAccessPolicies.update",
    "bigquery.tables.get",
    "bigquery.tables.getData",
]


class Delegation(Construct):
    """Lets `delegate` grant and revoke exactly `roles` on a project, and no other role, to identities it deploys."""

    def __init__(self, scope: Construct, id_: str, *, project_id: str, delegate: str, roles: Sequence[str]) -> None:
        super().__init__(scope, id_)
        granted = ", ".join(f"'{role}'" for role in sorted(roles))
        ProjectIamMember(
            self,
            "granter",
            project=project_id,
            role=GRANTER,
            member=f"serviceAccount:{delegate}",
            condition=ProjectIamMemberCondition(
                title="hands-out-listed-roles-only",
                expression=f"api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly([{granted}])",
            ),
        )


class RowPolicyAuthor(Construct):
    """Lets `author` say which rows the identities it deploys may see."""

    def __init__(self, scope: Construct, id_: str, *, project_id: str, author: str) -> None:
        super().__init__(scope, id_)
        role = ProjectIamCustomRole(
            self,
            "role",
            project=project_id,
            role_id="rowPolicyAuthor",
            title="Row policy author",
            description="Says which rows of a table an identity sees",
            permissions=ROW_POLICIES,
        )
        ProjectIamMember(self, "author", project=project_id, role=role.name, member=f"serviceAccount:{author}")
