"""An identity for one workload."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from cdktf_cdktf_provider_google.service_account import ServiceAccount as GoogleServiceAccount
from cdktf_cdktf_provider_google.service_account_iam_member import ServiceAccountIamMember
from constructs import Construct


class ServiceAccount(Construct):
    """A service account without keys. `roles` are granted on its own project; `users` (key -> member) may act as it."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        account_id: str,
        display_name: str,
        roles: Sequence[str] = (),
        users: dict[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id_)
        account = GoogleServiceAccount(
            self, "account", project=project_id, account_id=account_id, display_name=display_name
        )
        self.email: str = account.email
        self.member: str = account.member
        self.name: str = account.name
        for role in sorted(roles):
            key = role.rpartition("/")[2].replace(".", "-").lower()
            ProjectIamMember(self, f"role-{key}", project=project_id, role=role, member=account.member)
        for key, member in sorted((users or {}).items()):
            ServiceAccountIamMember(
                self,
                f"user-{key}",
                service_account_id=account.name,
                role="roles/iam.serviceAccountUser",
                member=member,
            )
