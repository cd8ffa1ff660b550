"""What a team's stacks have in common: a project on the environment's network, tracking, and an identity for jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from cdktf_cdktf_provider_google.data_google_project import DataGoogleProject
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from cdktf_cdktf_provider_google.service_account_iam_member import ServiceAccountIamMember
from constructs import Construct

from pipelines.served import features_of
from settings.model import Environment, Organization, Team
from settings.names import COMMON, Names
from settings.values import EnvironmentKey
from stacks.constructs.access_policy import access_policy_of
from stacks.constructs.bucket import Bucket
from stacks.constructs.crossing import Crossing
from stacks.constructs.dataset import Dataset
from stacks.constructs.door import Door
from stacks.constructs.feature_store import FeatureStore
from stacks.constructs.folder import folder_of
from stacks.constructs.perimeter import Mode
from stacks.constructs.perimeter_rule import Operations
from stacks.constructs.service_account import ServiceAccount
from stacks.constructs.team_project import TeamProject
from stacks.constructs.vertex import Tracking
from stacks.stack import Stack
from stacks.tables import OWN
from stacks.workloads import Workloads

WRITER = "roles/bigquery.dataEditor"
ACT_AS = "roles/iam.serviceAccountUser"
PULLER = "roles/artifactregistry.reader"


class TeamStack(Stack):
    """A team's project in one environment: tracked experiments, a staging bucket, features, and who runs its jobs.

    `people` maps a group's key to its address and roles in the project. The services that have a key or an agent are
    those whose API the project has. `builds` is the project whose builds deploy this stack, and their roles here;
    `common` is the mode of the common perimeter.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        environment: EnvironmentKey,
        place: Environment,
        concern: str,
        key: str,
        team: Team,
        apis: Sequence[str],
        keys: Sequence[str],
        people: Mapping[str, tuple[str, Sequence[str]]],
        builds: tuple[str, Sequence[str]],
        common: Mode,
        workloads: Workloads,
    ) -> None:
        super().__init__(
            scope, id_, organization=organization, names=names, environment=environment, concern=concern, team=key
        )
        self.key, self.team, self.place, self.common = key, team, place, common
        self.workloads = workloads
        self._budget = team.budget[environment]
        self.access_policy = access_policy_of(self, organization=organization)
        self.home = self._home(apis, keys, people)
        self.project = self.home.project
        self._admit_builds(names.deployer(concern), *builds)
        self.pipeline = self.workload("pipeline")
        self.let_act("pipeline", self.pipeline.member, self.pipeline)
        Tracking(
            self,
            "tracking",
            project=self.project,
            region=self.region,
            title=team.title,
            tensorboard=names.tensorboard(team.title),
        )

    def _home(
        self, apis: Sequence[str], keys: Sequence[str], people: Mapping[str, tuple[str, Sequence[str]]]
    ) -> TeamProject:
        names, organization, facts = self.names, self.organization, self.workloads
        return TeamProject(
            self,
            "home",
            project_id=names.project(self.environment, self.key),
            folder=folder_of(self, self.environment, organization=organization, names=names),
            billing_account=organization.billing_account,
            labels=names.labels(self.environment, self.key, team=self.key),
            apis=apis,
            keys={s: names.key(self.environment, self.region, s) for s in keys if s in apis},
            agents={service: role for service, role in facts.agents.items() if service in apis},
            network_users=[service for service in facts.network_users if service in apis],
            shared_keys={s: others for s, others in facts.shared_keys.items() if s in apis},
            host_project=names.project(self.environment, "network"),
            subnets={region: names.subnet(self.environment, region) for region in organization.regions},
            access_policy=self.access_policy,
            perimeter=names.perimeter(self.environment),
            mode=self.place.perimeter,
            budget=self._budget,
            currency=organization.currency,
            members=people,
            adopted=organization.existing.projects.get(f"{self.environment}-{self.key}"),
        )

    def _admit_builds(self, deployer: str, origin: str, roles: Sequence[str]) -> None:
        """Builds pass both perimeters on their way here before the project has anything that one of them protects."""
        source = DataGoogleProject(self, "number-builds", project_id=origin)
        doors = self.doors("builds", "deploy", [f"serviceAccount:{deployer}"], source.number, roles)
        self.project.after([rule for door in doors for rule in door.node.children])

    def doors(
        self, key: str, what: str, identities: Sequence[str], source: str, roles: Sequence[str]
    ) -> tuple[Door, Door]:
        """Lets builds of a common project, by its number, out of the common perimeter and into this project's."""
        shared: dict[str, Any] = {
            "access_policy": self.access_policy,
            "title": f"{what}-{self.project.id}",
            "identities": identities,
            "roles": roles,
            "project_numbers": [self.project.number],
            "after": self.home.inside,
        }
        away, here = self.names.perimeter(COMMON), self.names.perimeter(self.environment)
        return (
            Door(self, f"{key}-egress", direction="egress", perimeter=away, mode=self.common, **shared),
            Door(
                self,
                f"{key}-ingress",
                direction="ingress",
                perimeter=here,
                mode=self.place.perimeter,
                source_projects=[source],
                **shared,
            ),
        )

    def workload(self, role: str, users: Mapping[str, str] | None = None) -> ServiceAccount:
        """The identity of a workload, with its roles in the project; `users` may act as it."""
        return ServiceAccount(
            self,
            role,
            project_id=self.project.using("iam"),
            account_id=self.names.service_account_id(role),
            display_name=f"{self.team.title}: {self.workloads.titles[role]}",
            roles=self.full(self.workloads.roles[role]),
            users=dict(users or {}),
        )

    def full(self, roles: Sequence[str]) -> list[str]:
        """Roles by their full names, the platform's own included."""
        return [self.names.role(role.removeprefix(OWN)) if role.startswith(OWN) else role for role in roles]

    def let_act(self, who: str, member: str, account: ServiceAccount) -> None:
        """Lets a member start jobs that run as another identity of the project, or as itself."""
        ServiceAccountIamMember(self, f"{who}-acts", service_account_id=account.name, role=ACT_AS, member=member)

    def bucket(self, purpose: str, grants: Mapping[str, tuple[str, str]], kms_key: str | None = None) -> Bucket:
        """A bucket of the project, with the key for storage or another; `grants` maps a key to (role, member)."""
        return Bucket(
            self,
            purpose,
            project_id=self.project.using("storage"),
            name=self.names.bucket(self.environment, self.key, purpose),
            location=self.region,
            kms_key=kms_key or self.project.key("storage"),
            grants=dict(grants),
        )

    def dataset(self, name: str, title: str, writers: Mapping[str, str]) -> Dataset:
        """A dataset of the project; the `writers` read and change its tables."""
        return Dataset(
            self,
            f"data-{name}",
            project=self.project,
            location=self.region,
            dataset=self.names.dataset(name),
            description=f"{self.team.title}: {title}",
            grants={key: (WRITER, member) for key, member in writers.items()},
        )

    def features(self, writers: Mapping[str, str]) -> None:
        """The team's Feature Store, where the team has one; the `writers` fill it."""
        if not self.team.feature_store:
            return
        FeatureStore(
            self,
            "features",
            project=self.project,
            region=self.region,
            name=self.names.dataset(self.key),
            dataset_id=self.dataset("features", "features by entity and time", writers).dataset_id,
            features=features_of(self.key),
        )

    def callers(self) -> list[str]:
        """Projects from which the team's endpoints can be reached: its own and the network's."""
        return [self.project.id, self.names.project(self.environment, "network")]

    def reads(self, what: str, *, project: str, readers: Sequence[str], operations: Operations) -> None:
        """Lets `readers` call a common project, which stands in the common perimeter, from here."""
        self.crosses(
            what,
            target=(self.names.perimeter(COMMON), self.common),
            project=project,
            who=readers,
            operations=operations,
        )

    def crosses(
        self, what: str, *, target: tuple[str, Mode], project: str, who: Sequence[str], operations: Operations
    ) -> None:
        """Lets `who` call a project of an earlier stack, in another perimeter, from this project and its network."""
        found = DataGoogleProject(self, f"number-{what}", project_id=project)
        Crossing(
            self,
            f"crossing-{what}",
            access_policy=self.access_policy,
            title=f"{self.project.id} to {project}",
            origin=(self.names.perimeter(self.environment), self.place.perimeter),
            target=target,
            sources=[self.project.number, self._network.number],
            project_numbers=[found.number],
            identities=who,
            operations=operations,
        )

    def pulls(self, pullers: Mapping[str, str]) -> None:
        """Lets identities of the project read images and packages."""
        artifacts = self.names.project(COMMON, "artifacts")
        for key, member in sorted(pullers.items()):
            ProjectIamMember(self, f"pulls-{key}", project=artifacts, role=PULLER, member=member)
        self.reads(
            "artifacts", project=artifacts, readers=list(pullers.values()), operations=self.workloads.crossings["pull"]
        )

    @cached_property
    def _network(self) -> DataGoogleProject:
        host = self.names.project(self.environment, "network")
        return DataGoogleProject(self, "number-network", project_id=host)
