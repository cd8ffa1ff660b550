"""The perimeter around what serves all environments, and who may come into the perimeters at all."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_google.access_context_manager_access_level import (
    AccessContextManagerAccessLevel,
    AccessContextManagerAccessLevelBasic,
    AccessContextManagerAccessLevelBasicConditions,
)
from cdktf_cdktf_provider_google.data_google_project import DataGoogleProject
from constructs import Construct

from settings.model import Organization
from settings.names import COMMON, Names
from stacks.constructs.access_policy import access_policy_of
from stacks.constructs.perimeter import Mode, Perimeter, PerimeterMember, access_level_id
from stacks.stack import Stack
from stacks.tables import ProtectedServices


class PerimeterStack(Stack):
    """Two access levels - the deploying identities, and people at their workplaces - and the common perimeter.

    `members` are common projects that exist already and stand inside the perimeter; later ones attach themselves.
    `deployers` are e-mails. Without workplaces nobody comes in from the internet. Deployers run inside, therefore the
    open services can be called from there.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        deployers: Sequence[str],
        members: Sequence[str],
        services: ProtectedServices,
        mode: Mode,
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern="network")
        self._policy = access_policy_of(self, organization=organization)
        level = self._level("deployers", members=[f"serviceAccount:{email}" for email in sorted(deployers)])
        if organization.workplaces:
            self._level("workplaces", ip_subnetworks=sorted(str(cidr) for cidr in organization.workplaces))
        perimeter = Perimeter(
            self,
            "perimeter",
            access_policy=self._policy,
            name=names.perimeter(COMMON),
            description="Everything that holds data and serves all environments",
            mode=mode,
            restricted_services=services.restricted,
            open_services=sorted(services.open),
            access_levels=[level.name],
        )
        for what in sorted(members):
            project = DataGoogleProject(self, f"project-{what}", project_id=names.project(COMMON, what))
            PerimeterMember(
                self,
                f"member-{what}",
                access_policy=self._policy,
                perimeter=perimeter.key,
                project_number=project.number,
                mode=mode,
            )

    def _level(
        self, what: str, members: list[str] | None = None, ip_subnetworks: list[str] | None = None
    ) -> AccessContextManagerAccessLevel:
        short = self.names.access_level(what)
        return AccessContextManagerAccessLevel(
            self,
            f"level-{what}",
            parent=f"accessPolicies/{self._policy}",
            name=access_level_id(self._policy, short),
            title=short,
            basic=AccessContextManagerAccessLevelBasic(
                conditions=[
                    AccessContextManagerAccessLevelBasicConditions(members=members, ip_subnetworks=ip_subnetworks)
                ]
            ),
        )
