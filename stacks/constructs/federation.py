"""Workflows of the repository host as identities of the platform, without a secret."""

from __future__ import annotations

from cdktf_cdktf_provider_google.iam_workload_identity_pool import IamWorkloadIdentityPool
from cdktf_cdktf_provider_google.iam_workload_identity_pool_provider import (
    IamWorkloadIdentityPoolProvider,
    IamWorkloadIdentityPoolProviderOidc,
)
from constructs import Construct

from settings.model import GitHub, GitLab

# What each host says about the workflow that asks, by the claim's name in its tokens.
# Source: the hosts' pages on OpenID Connect for workflows, read 2026-11.
CLAIMS = {
    "github": {"repository": "assertion.repository", "ref": "assertion.ref"},
    "gitlab": {"repository": "assertion.project_path", "ref": "assertion.ref"},
}
ISSUER = "https://token.actions.githubusercontent.com"


class Federation(Construct):
    """Only workflows of the owner's repositories get in, and each bears the name of its repository."""

    def __init__(self, scope: Construct, id_: str, *, project_id: str, pool: str, host: GitHub | GitLab) -> None:
        super().__init__(scope, id_)
        self._owner = host.owner
        made = IamWorkloadIdentityPool(
            self,
            "pool",
            project=project_id,
            workload_identity_pool_id=pool,
            display_name="Repository host",
            description="Workflows of the connected repositories",
        )
        IamWorkloadIdentityPoolProvider(
            self,
            "provider",
            project=project_id,
            workload_identity_pool_id=made.workload_identity_pool_id,
            workload_identity_pool_provider_id=host.host,
            display_name=host.host,
            attribute_mapping={
                "google.subject": "assertion.sub",
                **{f"attribute.{name}": claim for name, claim in CLAIMS[host.host].items()},
            },
            attribute_condition=f'{CLAIMS[host.host]["repository"]}.startsWith("{host.owner}/")',
            oidc=IamWorkloadIdentityPoolProviderOidc(issuer_uri=host.uri if host.host == "gitlab" else ISSUER),
        )
        self._pool: str = made.name

    def repository(self, name: str) -> str:
        """IAM member: every workflow of one repository of the owner."""
        return f"principalSet://iam.googleapis.com/{self._pool}/attribute.repository/{self._owner}/{name}"
