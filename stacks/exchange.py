"""Exchange: who passes between the perimeters, and into them, beyond what a team's own identities do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Literal

from cdktf_cdktf_provider_google.data_google_project import DataGoogleProject
from constructs import Construct

from groups.personas import Persona, grants
from settings.model import Organization
from settings.names import COMMON, Names
from stacks.constructs.access_policy import access_policy_of
from stacks.constructs.build_trigger import PUBLISHER
from stacks.constructs.delegation import GRANTER
from stacks.constructs.door import Door
from stacks.constructs.perimeter import Mode, access_level_id
from stacks.delivery import APPROVER
from stacks.stack import Stack
from stacks.tables import Delivery, Deployers, Doors, resolved

ANY_SOURCE = "*"


class ExchangeStack(Stack):
    """Doors for deployers, for people at their workplaces, for the log router and for builders on their way to state.

    Each door names its identities, the roles they may use and the projects they reach. It comes last because Google
    refuses rules about identities and projects that do not exist. `modes` are those of the environments' perimeters,
    `approvers` maps a build project to the persona who approves there, `starters` to those who start builds;
    `orderers` order from the catalog.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        modes: Mapping[str, Mode],
        common: Mode,
        teams: Sequence[str],
        deployers: Deployers,
        delivery: Delivery,
        personas: Mapping[str, Persona],
        approvers: Mapping[str, str],
        starters: Mapping[str, Sequence[str]],
        orderers: Sequence[str],
        doors: Doors,
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern="network")
        self._policy = access_policy_of(self, organization=organization)
        self._modes = {COMMON: common, **modes}
        self._teams, self._doors, self._numbers = teams, doors, dict[tuple[str, str], str]()
        self._custom = {key: names.role(key) for key in deployers.roles}
        for environment in modes:
            self._deployers(environment, deployers)
            self._people(environment, personas)
        self._visitors(personas)
        for place in delivery.places:
            self._visit(COMMON, f"approve-{place}", [place], names.group(approvers[place]), [APPROVER])
            for persona in starters.get(place, ()):
                for team in teams if personas[persona].per_team else [None]:
                    key = f"start-{place}-{persona}" + (f"-{team}" if team else "")
                    self._visit(COMMON, key, [place], names.group(persona, team), [PUBLISHER])
        for place, roles in doors.orders.items():
            for persona, team in product(orderers, teams):
                self._visit(COMMON, f"order-{place}-{persona}-{team}", [place], names.group(persona, team), roles)
        self._logs()
        self._builders(delivery, deployers)

    def _deployers(self, environment: str, table: Deployers) -> None:
        """Builds deploy from their own project into each environment, one door per deploying identity.

        The doors of those who deploy teams' projects stand with the teams, because they open before there is anything.
        """
        for concern, deployer in table.deployers.items():
            here = [role for folder, some in deployer.folders.items() if folder == environment for role in some]
            roles = deployer.parent if deployer.reads_state else here
            teams = [] if deployer is table.at_teams(environment) else self._teams
            if roles:
                who = f"serviceAccount:{self.names.deployer(concern)}"
                self._between(
                    "delivery-i",
                    environment,
                    f"deploy-{concern}",
                    ["keys", "network", *teams],
                    who,
                    self._full(roles),
                )

    def _people(self, environment: str, personas: Mapping[str, Persona]) -> None:
        for key, persona in personas.items():
            roles = grants(persona, environment)
            if persona.per_team:
                for team in self._teams:
                    self._visit(environment, f"{key}-{team}", [team], self.names.group(key, team), roles)
            else:
                self._visit(environment, key, ["keys", "network", *self._teams], self.names.group(key), roles)

    def _visitors(self, personas: Mapping[str, Persona]) -> None:
        for place, projects in self._doors.places.items():
            for key, persona in personas.items():
                if not persona.per_team:
                    self._visit(COMMON, f"{place}-{key}", projects, self.names.group(key), grants(persona, place))

    def _visit(self, perimeter: str, key: str, projects: Sequence[str], group: str, roles: Sequence[str]) -> None:
        """People come from their workplaces or not at all."""
        if roles and self.organization.workplaces:
            level = access_level_id(self._policy, self.names.access_level("workplaces"))
            self._door(perimeter, "ingress", f"people-{key}", projects, f"group:{group}", roles, level=level)

    def _logs(self) -> None:
        router, (kind, number) = self._doors.logs, self.organization.parent.split("/")
        agent = router.agent.format(kind={"organizations": "org", "folders": "folder"}[kind], number=number)
        self._door(COMMON, "ingress", "logs", [router.project], agent, router.roles, level=ANY_SOURCE)

    def _builders(self, delivery: Delivery, deployers: Deployers) -> None:
        for key, builder in delivery.builders.items():
            if builder.state:
                who = f"serviceAccount:{self.names.service_account(COMMON, builder.home, key)}"
                self._door(COMMON, "egress", f"state-{key}", ["seed"], who, [self._doors.builders[builder.state]])
        for concern, deployer in deployers.deployers.items():
            if deployer.seed:
                who = f"serviceAccount:{self.names.deployer(concern)}"
                roles = self._full([*deployer.seed, *([GRANTER] if deployer.seed_hands_out else [])])
                self._door(COMMON, "egress", f"seed-{concern}", ["seed"], who, roles)

    def _between(
        self, origin: str, environment: str, key: str, projects: Sequence[str], who: str, roles: Sequence[str]
    ) -> None:
        numbers = [self._number(environment, what) for what in projects]
        self._rule(COMMON, "egress", f"{key}-{environment}", numbers, who, roles)
        source = [self._number(COMMON, origin)]
        self._rule(environment, "ingress", f"{key}-from-{origin}", numbers, who, roles, sources=source)

    def _full(self, roles: Sequence[str]) -> list[str]:
        return list(resolved(roles, self._custom).values())

    def _door(
        self,
        perimeter: str,
        direction: Literal["ingress", "egress"],
        key: str,
        projects: Sequence[str],
        who: str,
        roles: Sequence[str],
        level: str | None = None,
    ) -> None:
        numbers = [self._number(perimeter, what) for what in projects]
        self._rule(perimeter, direction, key, numbers, who, roles, level=level)

    def _rule(
        self,
        perimeter: str,
        direction: Literal["ingress", "egress"],
        key: str,
        numbers: Sequence[str],
        who: str,
        roles: Sequence[str],
        sources: Sequence[str] = (),
        level: str | None = None,
    ) -> None:
        Door(
            self,
            f"{perimeter}-{direction}-{key}",
            access_policy=self._policy,
            perimeter=self.names.perimeter(perimeter),
            mode=self._modes[perimeter],
            direction=direction,
            title=key,
            identities=[who],
            roles=roles,
            project_numbers=numbers,
            source_projects=sources,
            source_level=level,
        )

    def _number(self, environment: str, what: str) -> str:
        if (environment, what) not in self._numbers:
            found = DataGoogleProject(
                self, f"project-{environment}-{what}", project_id=self.names.project(environment, what)
            )
            self._numbers[environment, what] = found.number
        return self._numbers[environment, what]
