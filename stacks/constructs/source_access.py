"""Who may read a source: for a time whoever its owner agrees to, and nobody may write."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import Fn
from cdktf_cdktf_provider_google.iam_deny_policy import (
    IamDenyPolicy,
    IamDenyPolicyRules,
    IamDenyPolicyRulesDenyRule,
)
from cdktf_cdktf_provider_google.privileged_access_manager_entitlement import (
    PrivilegedAccessManagerEntitlement,
    PrivilegedAccessManagerEntitlementAdditionalNotificationTargets,
    PrivilegedAccessManagerEntitlementApprovalWorkflow,
    PrivilegedAccessManagerEntitlementApprovalWorkflowManualApprovals,
    PrivilegedAccessManagerEntitlementApprovalWorkflowManualApprovalsSteps,
    PrivilegedAccessManagerEntitlementApprovalWorkflowManualApprovalsStepsApprovers,
    PrivilegedAccessManagerEntitlementEligibleUsers,
    PrivilegedAccessManagerEntitlementPrivilegedAccess,
    PrivilegedAccessManagerEntitlementPrivilegedAccessGcpIamAccess,
    PrivilegedAccessManagerEntitlementPrivilegedAccessGcpIamAccessRoleBindings,
    PrivilegedAccessManagerEntitlementRequesterJustificationConfig,
    PrivilegedAccessManagerEntitlementRequesterJustificationConfigUnstructured,
)
from cdktf_cdktf_provider_google.project_iam_audit_config import (
    ProjectIamAuditConfig,
    ProjectIamAuditConfigAuditLogConfig,
)
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from constructs import Construct

from stacks.constructs.project import Project

EVERYBODY = "principalSet://goog/public:all"
LENDER = "privilegedaccessmanager"
LENDER_ROLE = "roles/privilegedaccessmanager.projectServiceAgent"


class ReadOnly(Construct):
    """Refuses everybody but `writer` the given permissions in a project, and records every read and write there."""

    def __init__(self, scope: Construct, id_: str, *, project: Project, refused: Sequence[str], writer: str) -> None:
        super().__init__(scope, id_)
        IamDenyPolicy(
            self,
            "writing",
            parent=Fn.urlencode(f"cloudresourcemanager.googleapis.com/projects/{project.using('iam')}"),
            name="source-is-read-only",
            display_name="Source data is read only",
            rules=[
                IamDenyPolicyRules(
                    description="Nobody but the deployer changes source data or lets others change it",
                    deny_rule=IamDenyPolicyRulesDenyRule(
                        denied_principals=[EVERYBODY],
                        exception_principals=[f"principal://iam.googleapis.com/projects/-/serviceAccounts/{writer}"],
                        denied_permissions=sorted(refused),
                    ),
                )
            ],
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
        access = PrivilegedAccessManagerEntitlementPrivilegedAccessGcpIamAccess(
            resource=f"//cloudresourcemanager.googleapis.com/projects/{project.id}",
            resource_type="cloudresourcemanager.googleapis.com/Project",
            role_bindings=[
                PrivilegedAccessManagerEntitlementPrivilegedAccessGcpIamAccessRoleBindings(role=role)
                for role in sorted(roles)
            ],
        )
        PrivilegedAccessManagerEntitlement(
            self,
            "entitlement",
            parent=f"projects/{project.using(LENDER)}",
            location="global",
            entitlement_id=entitlement,
            max_request_duration=f"{hours * 60 * 60}s",
            requester_justification_config=PrivilegedAccessManagerEntitlementRequesterJustificationConfig(
                unstructured=PrivilegedAccessManagerEntitlementRequesterJustificationConfigUnstructured()
            ),
            eligible_users=[PrivilegedAccessManagerEntitlementEligibleUsers(principals=sorted(eligible))],
            privileged_access=PrivilegedAccessManagerEntitlementPrivilegedAccess(gcp_iam_access=access),
            additional_notification_targets=PrivilegedAccessManagerEntitlementAdditionalNotificationTargets(
                admin_email_recipients=[owner]
            ),
            approval_workflow=_consent(owner),
            depends_on=[granting],
        )


def _consent(owner: str) -> PrivilegedAccessManagerEntitlementApprovalWorkflow:
    step = PrivilegedAccessManagerEntitlementApprovalWorkflowManualApprovalsSteps(
        approvals_needed=1,
        approver_email_recipients=[owner],
        approvers=PrivilegedAccessManagerEntitlementApprovalWorkflowManualApprovalsStepsApprovers(
            principals=[f"group:{owner}"]
        ),
    )
    return PrivilegedAccessManagerEntitlementApprovalWorkflow(
        manual_approvals=PrivilegedAccessManagerEntitlementApprovalWorkflowManualApprovals(
            require_approver_justification=True, steps=[step]
        )
    )
