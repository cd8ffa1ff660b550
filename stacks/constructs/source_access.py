"""Who may read a source: for a time whoever its owner agrees to, and nobody may write."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_google.project_iam_audit_config import (
    ProjectIamAuditConfig,
    ProjectIamAuditConfigAuditLogConfig,
)
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from constructs import Construct

from stacks.constructs.denial import EVERYBODY, account, deny
from stacks.constructs.entitlement import LENDER, LENDER_ROLE, entitle
from stacks.constructs.project import Project


class ReadOnly(Construct):
    """Refuses everybody but `writer` the given permissions in a project, and records every read and write there."""

    def __init__(self, scope: Construct, id_: str, *, project: Project, refused: Sequence[str], writer: str) -> None:
        super().__init__(scope, id_)
        deny(
            self,
            "writing",
            place=f"projects/{project.using('iam')}",
            name="source-is-read-only",
            title="Source data is read only",
            why="Nobody but the deployer changes source data or lets others change it",
            principals=[EVERYBODY],
            spared=[account(writer)],
            permissions=refused,
        )
        ProjectIamAuditConfig(
            self,
            "audit",
            project=project.using("iam"),
            service="allServices",
            audit_log_config=[
                ProjectIamAuditConfigAuditLogConfig(log_type=kind) for kind in ("ADMIN_READ", "DATA_READ", "DATA_WRITE")
            ],
        )


class Lending(Construct):
    """Reading, lent for at most `hours` to the members of `eligible` groups, each time after the owner's consent.

    `lender` is the member that makes and ends the grants.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        entitlement: str,
        owner: str,
        eligible: Sequence[str],
        roles: Sequence[str],
        hours: int,
        lender: str,
    ) -> None:
        super().__init__(scope, id_)
        granting = ProjectIamMember(self, "lender", project=project.using("iam"), role=LENDER_ROLE, member=lender)
        entitle(
            self,
            "entitlement",
            project=project.id,
            parent=f"projects/{project.using(LENDER)}",
            entitlement=entitlement,
            eligible=eligible,
            approver=owner,
            roles=roles,
            hours=hours,
            depends_on=[granting],
        )
