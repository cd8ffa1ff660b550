"""The identities that deploy, and who may take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_google.billing_account_iam_member import BillingAccountIamMember
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from cdktf_cdktf_provider_google.service_account import ServiceAccount
from cdktf_cdktf_provider_google.service_account_iam_member import ServiceAccountIamMember
from cdktf_cdktf_provider_google.storage_bucket_iam_member import (
    StorageBucketIamMember,
    StorageBucketIamMemberCondition,
)
from constructs import Construct

from stacks.constructs.parent import Parent, role_key

TOKEN_CREATOR = "roles/iam.serviceAccountTokenCreator"


class Deployer(Construct):
    """A service account without keys that holds roles at the places where its stacks live.

    `grants` maps a place's own key to the parent and the roles there; roles map their word, which
    makes the id, to their full name. Folders do not exist yet when it is made; the
    organization stack grants what it may do in them.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        account_id: str,
        display_name: str,
        grants: Mapping[str, tuple[Parent, Mapping[str, str]]],
        billing_account: str,
        billing_roles: Mapping[str, str],
        project_roles: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        account = ServiceAccount(self, "account", project=project_id, account_id=account_id, display_name=display_name)
        self.name: str = account.name
        self.email: str = account.email
        self.member: str = account.member
        for place, (parent, roles) in sorted(grants.items()):
            for word, role in roles.items():
                parent.grant(self, f"{place}-{role_key(word)}", role=role, member=self.member)
        for word, role in billing_roles.items():
            BillingAccountIamMember(
                self,
                f"billing-{role_key(word)}",
                billing_account_id=billing_account,
                role=role,
                member=self.member,
            )
        for word, role in project_roles.items():
            ProjectIamMember(self, f"seed-{role_key(word)}", project=project_id, role=role, member=self.member)

    def keeps_state(self, *, bucket: str, stacks: Sequence[str]) -> None:
        """It reads and writes the state of the stacks whose names begin so, and of no others."""
        objects = " || ".join(
            f'resource.name.startsWith("projects/_/buckets/{bucket}/objects/stacks/{stack}")' for stack in stacks
        )
        StorageBucketIamMember(
            self,
            "state",
            bucket=bucket,
            role="roles/storage.objectUser",
            member=self.member,
            condition=StorageBucketIamMemberCondition(
                title="own-stacks-only", expression=f'resource.name == "projects/_/buckets/{bucket}" || {objects}'
            ),
        )

    def reads_state(self, *, bucket: str) -> None:
        """It reads every state and changes none."""
        StorageBucketIamMember(self, "state", bucket=bucket, role="roles/storage.objectViewer", member=self.member)


def let_impersonate(
    scope: Construct, id_: str, *, deployers: Mapping[str, str], project_id: str, member: str, role: str = TOKEN_CREATOR
) -> None:
    """`member` may take each of the deployers, given by concern and e-mail. Whoever calls this may decide that."""
    for concern, email in sorted(deployers.items()):
        ServiceAccountIamMember(
            scope,
            f"{id_}-{concern}",
            service_account_id=f"projects/{project_id}/serviceAccounts/{email}",
            role=role,
            member=member,
        )
