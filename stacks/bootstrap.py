"""Bootstrap: what has to be there before anything can be deployed by an identity that is not a person."""

from __future__ import annotations

from typing import Any

from cdktf_cdktf_provider_google.organization_iam_custom_role import OrganizationIamCustomRole
from cdktf_cdktf_provider_google.project_default_service_accounts import ProjectDefaultServiceAccounts
from cdktf_cdktf_provider_google.service_account_iam_member import ServiceAccountIamMember
from constructs import Construct

from settings.model import Organization
from settings.names import COMMON, Names
from stacks.constructs.bucket import Bucket
from stacks.constructs.delegation import Delegation
from stacks.constructs.deployer import Deployer
from stacks.constructs.federation import Federation
from stacks.constructs.folder import Folder
from stacks.constructs.own_key import OwnKey
from stacks.constructs.parent import Parent
from stacks.constructs.project import Project
from stacks.stack import Stack
from stacks.tables import Deployer as Entry
from stacks.tables import Deployers, resolved

WORKLOAD_IDENTITY_USER = "roles/iam.workloadIdentityUser"


class BootstrapStack(Stack):
    """The seed project: state bucket, its key, an identity per deploying concern, the door for the repository host.

    A person with rights on the organization deploys it once with local state, which then moves into the bucket.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        apis: list[str],
        table: Deployers,
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern=None)
        self._charge_nobody()
        self._table = table
        folder = Folder(self, "folder", display_name=names.folder("bootstrap"), parent=organization.parent)
        self.project = Project(
            self,
            "project",
            project_id=names.project(COMMON, "seed"),
            folder=folder.name,
            billing_account=organization.billing_account,
            labels=names.labels(COMMON, "seed"),
            apis=apis,
            identities=["storage"],
            adopted=organization.existing.projects.get(f"{COMMON}-seed"),
        )
        ProjectDefaultServiceAccounts(
            self,
            "no-default-grants",
            project=self.project.using("compute"),
            action="DEPRIVILEGE",
            restore_policy="NONE",
            depends_on=[self.project.enabled("iam")],
        )
        bucket = self._state_bucket()
        roles = self._custom_roles()
        self._federate(
            {
                concern: self._deployer(concern, entry, roles, bucket)
                for concern, entry in sorted(table.deployers.items())
            }
        )

    def _charge_nobody(self) -> None:
        # Danger: calls charged to the seed project fail until it exists, and this stack makes it.
        for provider in ("google", "google-beta"):
            charged: Any = self.node.find_child(provider)
            charged.reset_billing_project()
            charged.reset_user_project_override()

    def _state_bucket(self) -> str:
        key = OwnKey(
            self,
            "state-key",
            project=self.project,
            location=self.region,
            ring=f"seed-{self.region}",
            service="storage",
            rotation_days=90,
        )
        return Bucket(
            self,
            "state",
            project_id=self.project.using("storage"),
            name=self.names.state_bucket(),
            location=self.region,
            kms_key=key.key,
            keep_versions_days=365,
        ).name

    def _custom_roles(self) -> dict[str, str]:
        return {
            key: OrganizationIamCustomRole(
                self,
                f"role-{key.replace('_', '-')}",
                org_id=self.organization.organization_id,
                role_id=self.names.role_id(key),
                title=role.title,
                permissions=sorted(role.permissions),
            ).name
            for key, role in sorted(self._table.roles.items())
        }

    def _deployer(self, concern: str, entry: Entry, roles: dict[str, str], bucket: str) -> Deployer:
        organization = Parent(f"organizations/{self.organization.organization_id}")
        deployer = Deployer(
            self,
            f"deploy-{concern}",
            project_id=self.project.using("iam"),
            account_id=self.names.service_account_id(f"deploy-{concern}"),
            display_name=entry.title,
            grants={
                "organization": (organization, resolved(entry.organization, roles)),
                "parent": (Parent(self.organization.parent), resolved([*self._table.all.parent, *entry.parent], roles)),
            },
            billing_account=self.organization.billing_account,
            billing_roles=resolved(entry.billing, roles),
            project_roles=resolved([*self._table.all.seed, *entry.seed], roles),
        )
        if entry.state:
            deployer.keeps_state(bucket=bucket, stacks=entry.state)
        if entry.seed_hands_out:
            project, listed = self.project.using("iam"), entry.seed_hands_out
            Delegation(deployer, "lending", project_id=project, delegate=deployer.email, roles=listed)
        if entry.reads_state:
            deployer.reads_state(bucket=bucket)
        return deployer

    def _federate(self, deployers: dict[str, Deployer]) -> None:
        repositories = self.organization.repositories
        federation = Federation(
            self,
            "federation",
            project_id=self.project.using("iam"),
            pool=self.names.resource("repository-host"),
            host=repositories.provider,
        )
        for concern in sorted(self._table.federated):
            ServiceAccountIamMember(
                self,
                f"federated-{concern}",
                service_account_id=deployers[concern].name,
                role=WORKLOAD_IDENTITY_USER,
                member=federation.repository(repositories.infrastructure),
            )
