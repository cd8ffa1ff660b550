"""A team's project in one environment, ready for machine learning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf_cdktf_provider_google.kms_crypto_key_iam_member import KmsCryptoKeyIamMember
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from constructs import Construct

from settings.model import Adopted
from stacks.constructs.budget import Budget
from stacks.constructs.parent import role_key
from stacks.constructs.perimeter import Mode, PerimeterMember
from stacks.constructs.project import ENCRYPTER, Project
from stacks.constructs.shared_vpc import ServiceProject


class TeamProject(Construct):
    """A project with its service agents in their roles, on the Shared VPC, inside the perimeter and within a budget.

    `agents` maps a service to the role its agent has in the project, `network_users` are those of them that use the
    subnets. What runs on the network or needs an agent's role depends on `ready`, a rule of the perimeter about the
    project on `inside`. `members` maps a key to the roles that a group or service account from outside has in the
    project; `shared_keys` maps a service to others whose agents use its key too.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        folder: str,
        billing_account: str,
        labels: Mapping[str, str],
        apis: Sequence[str],
        keys: Mapping[str, str],
        agents: Mapping[str, str],
        network_users: Sequence[str],
        host_project: str,
        subnets: Mapping[str, str],
        access_policy: str,
        perimeter: str,
        mode: Mode,
        budget: int,
        currency: str,
        members: Mapping[str, tuple[str, Sequence[str]]],
        shared_keys: Mapping[str, Sequence[str]],
        adopted: Adopted | None,
    ) -> None:
        super().__init__(scope, id_)
        self.project = Project(
            self,
            "project",
            project_id=project_id,
            folder=folder,
            billing_account=billing_account,
            labels=labels,
            apis=apis,
            keys=keys,
            identities=sorted(agents),
            adopted=adopted,
        )
        network = ServiceProject(
            self,
            "network",
            host_project=host_project,
            project_id=self.project.using("compute"),
            subnets=subnets,
            users={service: self.project.agent(service) for service in network_users},
        )
        membership = PerimeterMember(
            self,
            "perimeter",
            access_policy=access_policy,
            perimeter=perimeter,
            project_number=self.project.number,
            mode=mode,
        )
        self.inside: list[Any] = list(membership.node.children)
        Budget(
            self,
            "budget",
            billing_account=billing_account,
            display_name=project_id,
            project_numbers=[self.project.number],
            amount=budget,
            currency=currency,
        )
        self.ready: list[Any] = [*network.ready]
        for service, role in sorted(agents.items()):
            member = self.project.agent(service)
            self.ready.append(
                ProjectIamMember(self, f"agent-{service}", project=self.project.using("iam"), role=role, member=member)
            )
        for key, (member, roles) in sorted(members.items()):
            for role in sorted(roles):
                id_key = f"{key}-{role_key(role)}"
                ProjectIamMember(self, id_key, project=self.project.using("iam"), role=role, member=member)
        self._shared = {
            (service, other): KmsCryptoKeyIamMember(
                self,
                f"key-{service}-{other}",
                crypto_key_id=self.project.key(service),
                role=ENCRYPTER,
                member=self.project.agent(other),
            )
            for service, others in sorted(shared_keys.items())
            for other in sorted(others)
        }
        self.ready += self._shared.values()

    def shared_key(self, service: str, user: str) -> str:
        """Key id of a service, to be had only once the agent of another service, the `user`, may use it too."""
        value: str = self._shared[service, user].crypto_key_id
        return value
