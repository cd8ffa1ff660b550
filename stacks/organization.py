"""Organization: the folders and the rules that hold in them, whoever deploys there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_google.access_context_manager_access_policy import AccessContextManagerAccessPolicy
from cdktf_cdktf_provider_google.access_context_manager_access_policy_iam_member import (
    AccessContextManagerAccessPolicyIamMember,
)
from cdktf_cdktf_provider_google.essential_contacts_contact import EssentialContactsContact
from constructs import Construct

from settings.model import Organization
from settings.model import OrgPolicy as OrgPolicySetting
from settings.names import COMMON, Names
from stacks.constructs.environment_tag import EnvironmentTag
from stacks.constructs.folder import Folder, folder_of
from stacks.constructs.org_policy import OrgPolicy, filled
from stacks.constructs.parent import Parent, role_key
from stacks.stack import Stack
from stacks.tables import Audit, Deployers, resolved

MODELS = "vertexai.allowedModels"


class OrganizationStack(Stack):
    """Folders, tags, organization policies, audit logs, contacts and the access policy, under whatever the parent is.

    `models` lists the models that may be used in each environment; where nothing is listed none may.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        models: Mapping[str, Sequence[str]],
        policies: Mapping[str, OrgPolicySetting],
        audit: Audit,
        deployers: Deployers,
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern="organization")
        self._parent = Parent(organization.parent)
        self._folders = {key: self._folder(key) for key in (COMMON, *models)}
        EnvironmentTag(
            self,
            "tag",
            organization_id=organization.organization_id,
            short_name=names.tag("environment"),
            folders=self._folders,
        )
        self._contacts()
        for service in audit.services:
            key = service.partition(".")[0]
            self._parent.audit(self, f"audit-{key}", service=service, log_types=audit.log_types)
        self._policies(policies)
        for key, folder in self._folders.items():
            OrgPolicy(self, f"models-{key}", parent=folder, constraint=MODELS, allow=models.get(key))
        self._let_deploy(deployers, self._access_policy())

    def _folder(self, key: str) -> str:
        adopted = next((a for k, a in self.organization.existing.folders.items() if k == key), None)
        made = Folder(
            self,
            f"folder-{key}",
            display_name=self.names.folder(key),
            parent=self.organization.parent,
            adopted=adopted,
        )
        return made.name

    def _contacts(self) -> None:
        categories: dict[str, list[str]] = {}
        for category, email in self.organization.contacts:
            categories.setdefault(email, []).append(category)
        for email, wanted in categories.items():
            EssentialContactsContact(
                self,
                f"contact-{'-'.join(sorted(wanted))}",
                parent=self.organization.parent,
                email=email,
                language_tag="en",
                notification_category_subscriptions=sorted(category.upper() for category in wanted),
            )

    def _known(self) -> dict[str, list[str]]:
        existing = self.organization.existing
        within = {key: f"under:{folder}" for key, folder in self._folders.items()}
        seed = folder_of(self, "bootstrap", organization=self.organization, names=self.names)
        rings = sorted({ring.id.split("/")[1] for ring in existing.key_rings.values()})
        networks = sorted(network.id for network in existing.networks.values())
        return {
            "parent": [f"under:{self.organization.parent}"],
            "key_projects": [f"under:{seed}", *within.values(), *(f"under:projects/{project}" for project in rings)],
            "networks": [*(within[key] for key in within if key != COMMON), *networks],
            "worker_pools": [within[COMMON]],
            "organization": [self.organization.organization_id],
            "customer": [self.organization.customer_id],
            "domain": [self.organization.domain],
            "multi_region": [self.organization.multi_region],
            "repository_host": [self.organization.repositories.provider.domain],
        }

    def _policies(self, policies: Mapping[str, OrgPolicySetting]) -> None:
        known = self._known()
        for constraint, policy in sorted(policies.items()):
            place = f"settings/org_policies.yaml.{constraint}"
            OrgPolicy(
                self,
                f"policy-{constraint.replace('.', '-')}",
                parent=self._folders[policy.folder] if policy.folder else self.organization.parent,
                constraint=constraint,
                enforce=policy.enforce,
                allow=filled(policy.allow, known, place=place) if policy.allow else None,
                deny=filled(policy.deny, known, place=place) if policy.deny else None,
                dry_run=policy.dry_run,
            )

    def _access_policy(self) -> str:
        if number := self.organization.existing.access_policy:
            return number
        made = AccessContextManagerAccessPolicy(
            self,
            "access-policy",
            parent=f"organizations/{self.organization.organization_id}",
            title=self.names.resource("platform"),
            scopes=[self.organization.parent] if self.organization.under_folder else None,
        )
        name: str = made.name
        return name

    def _let_deploy(self, table: Deployers, access_policy: str) -> None:
        roles = {key: self.names.role(key) for key in table.roles}
        for concern, entry in sorted(table.deployers.items()):
            member = f"serviceAccount:{self.names.deployer(concern)}"
            for key, wanted in entry.folders.items():
                for role in resolved(wanted, roles).values():
                    Parent(self._folders[key]).grant(
                        self, f"{concern}-in-{key}-{role_key(role)}", role=role, member=member
                    )
            for role in resolved(entry.access_policy, roles).values():
                AccessContextManagerAccessPolicyIamMember(
                    self, f"{concern}-on-perimeters-{role_key(role)}", name=access_policy, role=role, member=member
                )
