"""What is denied whatever anybody is granted: to everybody, to people, or to a group."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import Fn
from cdktf_cdktf_provider_google.iam_deny_policy import (
    IamDenyPolicy,
    IamDenyPolicyRules,
    IamDenyPolicyRulesDenyRule,
)
from constructs import Construct

EVERYBODY = "principalSet://goog/public:all"


def group(email: str) -> str:
    """A group, as deny policies spell it."""
    return f"principalSet://goog/group/{email}"


def people(customer_id: str) -> str:
    """Every person of a customer, as deny policies spell it."""
    return f"principalSet://goog/cloudIdentityCustomerId/{customer_id}"


def account(email: str) -> str:
    """A service account, as deny policies spell it."""
    return f"principal://iam.googleapis.com/projects/-/serviceAccounts/{email}"


def deny(
    scope: Construct,
    id_: str,
    *,
    place: str,
    name: str,
    title: str,
    why: str,
    principals: Sequence[str],
    permissions: Sequence[str],
    spared: Sequence[str] = (),
) -> None:
    """`principals` but the `spared` never use the permissions at `place` (projects/ID, folders/N, organizations/N)."""
    IamDenyPolicy(
        scope,
        id_,
        parent=Fn.urlencode(f"cloudresourcemanager.googleapis.com/{place}"),
        name=name,
        display_name=title,
        rules=[
            IamDenyPolicyRules(
                description=why,
                deny_rule=IamDenyPolicyRulesDenyRule(
                    denied_principals=list(principals),
                    exception_principals=list(spared) or None,
                    denied_permissions=sorted(permissions),
                ),
            )
        ],
    )
