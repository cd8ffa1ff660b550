"""Groups: the kinds of people there are, and what they may do where no team is concerned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cdktf_cdktf_provider_google.billing_account_iam_member import BillingAccountIamMember
from cdktf_cdktf_provider_google.cloud_identity_group import CloudIdentityGroup, CloudIdentityGroupGroupKey
from cdktf_cdktf_provider_google.storage_bucket_iam_member import StorageBucketIamMember
from constructs import Construct

from groups.personas import Persona, grants
from settings.model import Organization
from settings.names import COMMON, Names
from stacks.constructs.deployer import let_impersonate
from stacks.constructs.folder import folder_of
from stacks.constructs.parent import Parent, role_key
from stacks.stack import Stack

LABELS = {
    "cloudidentity.googleapis.com/groups.discussion_forum": "",
    "cloudidentity.googleapis.com/groups.security": "",
}


class GroupsStack(Stack):
    """A security group per persona, one per team where every team has its own, owned by the identity that deploys it.

    What a persona may do in an environment is granted on the environment's folder; a team's own persona gets it on the
    team's projects, in the team's stacks. Members are no business of this stack: people come and go without a plan.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        personas: Mapping[str, Persona],
        teams: Sequence[str],
        environments: Sequence[str],
        deployers: Sequence[str],
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern="groups")
        self._places = {
            "organization": Parent(f"organizations/{organization.organization_id}"),
            "parent": Parent(organization.parent),
        }
        for key in (COMMON, *environments):
            self._places[key] = Parent(folder_of(self, key, organization=organization, names=names))
        self._deployers = deployers
        for key, persona in sorted(personas.items()):
            for id_key, team in self._groups(key, persona, teams):
                member = self._group(id_key, persona, key, team)
                if not persona.per_team:
                    self._grant(key, persona, member)

    @staticmethod
    def _groups(key: str, persona: Persona, teams: Sequence[str]) -> Iterator[tuple[str, str | None]]:
        """Key and team of each group of a persona."""
        slug = key.replace("_", "-")
        yield from ((f"{slug}-{team}", team) for team in teams) if persona.per_team else [(slug, None)]

    def _group(self, id_: str, persona: Persona, key: str, team: str | None) -> str:
        group = CloudIdentityGroup(
            self,
            f"group-{id_}",
            parent=f"customers/{self.organization.customer_id}",
            display_name=f"{persona.title} ({team})" if team else persona.title,
            description=persona.purpose,
            group_key=CloudIdentityGroupGroupKey(id=self.names.group(key, team)),
            labels=LABELS,
            initial_group_config="WITH_INITIAL_OWNER",
        )
        return f"group:{group.group_key.id}"

    def _grant(self, key: str, persona: Persona, member: str) -> None:
        for place, parent in self._places.items():
            for role in grants(persona, place):
                parent.grant(self, f"{key}-{place}-{role_key(role)}", role=role, member=member)
        for role in grants(persona, "billing"):
            BillingAccountIamMember(
                self,
                f"{key}-billing-{role_key(role)}",
                billing_account_id=self.organization.billing_account,
                role=role,
                member=member,
            )
        for role in grants(persona, "state"):
            StorageBucketIamMember(
                self, f"{key}-state-{role_key(role)}", bucket=self.names.state_bucket(), role=role, member=member
            )
        for role in grants(persona, "deployers"):
            let_impersonate(
                self,
                f"{key}-{role_key(role)}",
                deployers={concern: self.names.deployer(concern) for concern in self._deployers},
                project_id=self.names.project(COMMON, "seed"),
                member=member,
                role=role,
            )
