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

Condition = dict[str, list[str] | None]


class PerimeterStack(Stack):
    """Two access levels - the deploying identities, and people at their workplaces - and the common perimeter.

    `members` are common projects that exist already and stand inside the perimeter; later ones attach themselves.
    `deployers` are e-mails; they come in from workplaces, where there are any, and builds that take them by doors. The
    `federated` ones come from anywhere, because their repository host does. Deployers run inside, therefore the open
    services can be called from there.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        deployers: Sequence[str],
        federated: Sequence[str],
        members: Sequence[str],
        services: ProtectedServices,
        mode: Mode,
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern="network")
        self._policy = access_policy_of(self, organization=organization)
        workplaces = sorted(str(cidr) for cidr in organization.workplaces) or None
        level = self._level("deployers", *self._ways(deployers, workplaces), *self._ways(federated))
        if workplaces:
            self._level("workplaces", {"ip_subnetworks": workplaces})
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

    @staticmethod
    def _ways(emails: Sequence[str], workplaces: list[str] | None = None) -> list[Condition]:
        """Accounts come from workplaces, where there are any; nobody comes where there are no accounts."""
        accounts = [f"serviceAccount:{email}" for email in sorted(emails)]
        return [{"members": accounts, "ip_subnetworks": workplaces}] if accounts else []

    def _level(self, what: str, *conditions: Condition) -> AccessContextManagerAccessLevel:
        """Whoever meets one of the conditions is at the level."""
        short = self.names.access_level(what)
        return AccessContextManagerAccessLevel(
            self,
            f"level-{what}",
            parent=f"accessPolicies/{self._policy}",
            name=access_level_id(self._policy, short),
            title=short,
            basic=AccessContextManagerAccessLevelBasic(
                combining_function="OR" if len(conditions) > 1 else None,
                conditions=[AccessContextManagerAccessLevelBasicConditions(**it) for it in conditions],
            ),
        )
