"""Groups: the kinds of people there are, what they may do where no team is concerned, and what nobody may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cdktf_cdktf_provider_google.billing_account_iam_member import BillingAccountIamMember
from cdktf_cdktf_provider_google.cloud_identity_group import CloudIdentityGroup, CloudIdentityGroupGroupKey
from cdktf_cdktf_provider_google.cloud_identity_group_membership import (
    CloudIdentityGroupMembership,
    CloudIdentityGroupMembershipPreferredMemberKey,
    CloudIdentityGroupMembershipRoles,
)
from cdktf_cdktf_provider_google.organization_iam_custom_role import OrganizationIamCustomRole
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from cdktf_cdktf_provider_google.storage_bucket_iam_member import StorageBucketIamMember
from constructs import Construct

from groups.personas import Lent, Persona, grants
from groups.rules import Denial, Rules
from settings.model import Organization
from settings.names import COMMON, Names
from stacks.constructs.denial import EVERYBODY, deny, group, people
from stacks.constructs.entitlement import LENDER_ROLE, entitle
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
    team's projects, in the team's stacks. `members` maps a group's key to people; groups without any are filled
    elsewhere, so people may come and go without a plan. `teams` maps a team to its people by persona. `lender` is the
    member that makes and ends what is lent.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        personas: Mapping[str, Persona],
        rules: Rules,
        teams: Mapping[str, Mapping[str, Sequence[str]]],
        environments: Sequence[str],
        lender: str,
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern="groups")
        self._places = {
            "organization": Parent(f"organizations/{organization.organization_id}"),
            "parent": Parent(organization.parent),
        }
        for key in (COMMON, *environments):
            self._places[key] = Parent(folder_of(self, key, organization=organization, names=names))
        self._emails: dict[str, list[str]] = {}
        for key, persona in sorted(personas.items()):
            for id_key, team in self._groups(key, persona, teams):
                email = self._group(id_key, persona, key, team)
                self._emails.setdefault(key, []).append(email)
                self._people(id_key, teams[team].get(key, ()) if team else organization.members.get(key, ()))
                if not persona.per_team:
                    self._grant(key, persona, f"group:{email}")
        self._roles(rules)
        self._deny(personas, rules.denials)
        for key, persona in personas.items():
            for word, lent in persona.lent.items():
                self._lend(key, word, lent, lender)

    @staticmethod
    def _groups(key: str, persona: Persona, teams: Mapping[str, object]) -> Iterator[tuple[str, str | None]]:
        """Key and team of each group of a persona."""
        slug = key.replace("_", "-")
        yield from ((f"{slug}-{team}", team) for team in teams) if persona.per_team else [(slug, None)]

    def _group(self, id_: str, persona: Persona, key: str, team: str | None) -> str:
        made = CloudIdentityGroup(
            self,
            f"group-{id_}",
            parent=f"customers/{self.organization.customer_id}",
            display_name=f"{persona.title} ({team})" if team else persona.title,
            description=persona.purpose,
            group_key=CloudIdentityGroupGroupKey(id=self.names.group(key, team)),
            labels=LABELS,
            initial_group_config="WITH_INITIAL_OWNER",
        )
        self._made = made
        email: str = made.group_key.id
        return email

    def _people(self, id_: str, emails: Sequence[str]) -> None:
        for email in emails:
            CloudIdentityGroupMembership(
                self,
                f"member-{id_}-{email.partition('@')[0].replace('.', '-')}",
                group=self._made.name,
                preferred_member_key=CloudIdentityGroupMembershipPreferredMemberKey(id=email),
                roles=[CloudIdentityGroupMembershipRoles(name="MEMBER")],
            )

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

    def _roles(self, rules: Rules) -> None:
        for key, role in sorted(rules.roles.items()):
            OrganizationIamCustomRole(
                self,
                f"role-{key}",
                org_id=self.organization.organization_id,
                role_id=self.names.role_id(key),
                title=role.title,
                description=role.why,
                permissions=role.names,
            )

    def _deny(self, personas: Mapping[str, Persona], denials: Mapping[str, Denial]) -> None:
        for key, persona in sorted(personas.items()):
            for place, denied in persona.denied.items():
                for word in denied:
                    self._denied(f"{word}-{key}", place, denials[word], [group(email) for email in self._emails[key]])
        for word, denial in sorted(denials.items()):
            for where in denial.people:
                self._denied(f"{word}-people", where, denial, [people(self.organization.customer_id)])
            for where in denial.everybody:
                self._denied(f"{word}-everybody", where, denial, [EVERYBODY])

    def _denied(self, key: str, place: str, denial: Denial, principals: Sequence[str]) -> None:
        deny(
            self,
            f"deny-{key}-{place}",
            place=self._places[place].name,
            name=self.names.resource(*key.replace("_", "-").split("-"), "denied"),
            title=denial.title,
            why=denial.why,
            principals=principals,
            permissions=denial.permissions,
        )

    def _lend(self, key: str, word: str, lent: Lent, lender: str) -> None:
        """Lent roles hold in a common project; who asks and who agrees are groups made here."""
        project, id_ = self.names.project(COMMON, lent.place), f"{key}-lent-{word}"
        granting = ProjectIamMember(self, f"{id_}-lender", project=project, role=LENDER_ROLE, member=lender)
        entitle(
            self,
            id_,
            project=project,
            parent=f"projects/{project}",
            entitlement=f"{key}-{word}".replace("_", "-"),
            eligible=[f"group:{email}" for email in self._emails[key]],
            approver=self._emails[lent.approver][0],
            roles=lent.roles,
            hours=lent.hours,
            depends_on=[granting],
        )
