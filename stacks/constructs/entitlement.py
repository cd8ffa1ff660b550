"""Access for a time: who may ask for it, who agrees, and for how long it lasts."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable
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
from constructs import Construct

LENDER = "privilegedaccessmanager"
LENDER_ROLE = "roles/privilegedaccessmanager.projectServiceAgent"


def entitle(
    scope: Construct,
    id_: str,
    *,
    project: str,
    parent: str,
    entitlement: str,
    eligible: Sequence[str],
    approver: str,
    roles: Sequence[str],
    hours: int,
    depends_on: Sequence[ITerraformDependable],
) -> None:
    """Roles in `project`, lent for at most `hours` to members of the `eligible` groups, each time after a consent.

    `approver` is the address of the group that gives it; every request says why. The entitlement lives at `parent`.
    """
    access = PrivilegedAccessManagerEntitlementPrivilegedAccessGcpIamAccess(
        resource=f"//cloudresourcemanager.googleapis.com/projects/{project}",
        resource_type="cloudresourcemanager.googleapis.com/Project",
        role_bindings=[
            PrivilegedAccessManagerEntitlementPrivilegedAccessGcpIamAccessRoleBindings(role=role)
            for role in sorted(roles)
        ],
    )
    PrivilegedAccessManagerEntitlement(
        scope,
        id_,
        parent=parent,
        location="global",
        entitlement_id=entitlement,
        max_request_duration=f"{hours * 60 * 60}s",
        requester_justification_config=PrivilegedAccessManagerEntitlementRequesterJustificationConfig(
            unstructured=PrivilegedAccessManagerEntitlementRequesterJustificationConfigUnstructured()
        ),
        eligible_users=[PrivilegedAccessManagerEntitlementEligibleUsers(principals=sorted(eligible))],
        privileged_access=PrivilegedAccessManagerEntitlementPrivilegedAccess(gcp_iam_access=access),
        additional_notification_targets=PrivilegedAccessManagerEntitlementAdditionalNotificationTargets(
            admin_email_recipients=[approver]
        ),
        approval_workflow=_consent(approver),
        depends_on=list(depends_on),
    )


def _consent(approver: str) -> PrivilegedAccessManagerEntitlementApprovalWorkflow:
    step = PrivilegedAccessManagerEntitlementApprovalWorkflowManualApprovalsSteps(
        approvals_needed=1,
        approver_email_recipients=[approver],
        approvers=PrivilegedAccessManagerEntitlementApprovalWorkflowManualApprovalsStepsApprovers(
            principals=[f"group:{approver}"]
        ),
    )
    return PrivilegedAccessManagerEntitlementApprovalWorkflow(
        manual_approvals=PrivilegedAccessManagerEntitlementApprovalWorkflowManualApprovals(
            require_approver_justification=True, steps=[step]
        )
    )
