"""A team's operational project, nonproduction and production alike: only pipelines write, people look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_google.data_google_project import DataGoogleProject
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from cdktf_cdktf_provider_google.storage_bucket_iam_member import StorageBucketIamMember
from constructs import Construct

from pipelines.place import FAILURES
from settings.model import BigQuerySource, Environment, Organization, Source, Team
from settings.names import COMMON, Names
from settings.values import EnvironmentKey
from stacks.constructs.builder import inside
from stacks.constructs.crossing import Crossing
from stacks.constructs.orchestrator import Orchestrator, Place
from stacks.constructs.perimeter import Mode
from stacks.constructs.source_reader import SourceReader
from stacks.constructs.vertex import Endpoint
from stacks.source_kinds import Kind
from stacks.team import TeamStack
from stacks.workloads import Workloads

JUDGE = "judge"
TRAFFIC = "traffic"
"""The folder of a generative team's log of live answers."""


class OperationalStack(TeamStack):
    """A project in which the team's pipelines prepare data, train, evaluate and serve.

    The builder puts definitions into a bucket of their own, which the team's people read, and the orchestrator runs
    them as the pipeline identity, which reads the team's `sources`. `promotes_from` is the environment and perimeter
    whose models this one copies: its registry and staging bucket are read from here, never written. `judges` are the
    builders that ask the models of this project about a release before it goes on.
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
        key: str,
        team: Team,
        apis: Sequence[str],
        keys: Sequence[str],
        people: Mapping[str, tuple[str, Sequence[str]]],
        builds: tuple[str, Sequence[str]],
        sources: Mapping[str, Source],
        common: Mode,
        workloads: Workloads,
        kinds: Mapping[str, Kind],
        orchestrator: type[Orchestrator],
        promotes_from: tuple[str, Mode] | None,
        judges: Mapping[str, str],
    ) -> None:
        super().__init__(
            scope,
            id_,
            organization=organization,
            names=names,
            environment=environment,
            place=place,
            concern="operational",
            key=key,
            team=team,
            apis=apis,
            keys=keys,
            people=people,
            builds=builds,
            common=common,
            workloads=workloads,
        )
        self._kinds = kinds
        self.serving = self.workload("serving", {"pipeline": self.pipeline.member})
        self._judges = judges
        self._data()
        self._orchestrate(orchestrator, {key: member for key, (member, _) in people.items()})
        for endpoint in team.endpoints:
            Endpoint(
                self,
                f"endpoint-{endpoint}",
                project=self.project,
                region=self.region,
                name=names.endpoint(environment, key, endpoint),
                display_name=endpoint,
                callers=self.callers(),
            )
        for source in team.sources:
            self._read(source, sources[source])
        self.pulls({"agent": self.project.agent("aiplatform"), "pipeline": self.pipeline.member})
        if promotes_from:
            self._promote(*promotes_from)

    def _data(self) -> None:
        writers = {"pipeline": self.pipeline.member}
        staging = self.bucket(
            "staging",
            {
                "pipeline": ("roles/storage.objectUser", self.pipeline.member),
                "serving": ("roles/storage.objectViewer", self.serving.member),
            },
        )
        # Who starts a run is told what stopped it, and sees nothing of its data.
        StorageBucketIamMember(
            self,
            "failures",
            bucket=staging.name,
            role="roles/storage.objectViewer",
            member=self._builder,
            condition=inside(staging.name, FAILURES),
        )
        if self.team.purpose == "generative":
            self._log_answers(staging.name)
        for name, title in self.workloads.datasets.items():
            self.dataset(name, title, writers)
        self.features(writers)

    @property
    def _builder(self) -> str:
        return f"serviceAccount:{self.names.service_account(COMMON, 'delivery-w', f'operational-{self.key}')}"

    def _log_answers(self, bucket: str) -> None:
        """The application adds to the log of live answers, which the daily look reads; it changes nothing there."""
        StorageBucketIamMember(
            self,
            "answers",
            bucket=bucket,
            role="roles/storage.objectCreator",
            member=self.serving.member,
            condition=inside(bucket, TRAFFIC),
        )

    def _orchestrate(self, orchestrator: type[Orchestrator], people: Mapping[str, str]) -> None:
        names, place = self.names, self.place
        builder = self._builder
        definitions = self.bucket(
            "definitions",
            {
                "builder": ("roles/storage.objectUser", builder),
                "pipeline": ("roles/storage.objectViewer", self.pipeline.member),
                **{key: ("roles/storage.objectViewer", member) for key, member in people.items()},
            },
            orchestrator.bucket_key(self.home),
        )
        orchestrator(
            self,
            "orchestrator",
            home=self.home,
            place=Place(
                region=self.region,
                host_project=names.project(self.environment, "network"),
                network=names.network_link(self.environment),
                subnet=names.subnet_link(self.environment, self.region),
                internal_range=str(place.network.composer) if place.network.composer else None,
                image=place.composer_image,
            ),
            name=names.resource(self.key),
            definitions=definitions,
            pipeline=self.pipeline,
            builder=builder,
            starter=self.full(self.workloads.starters[self.team.orchestrator]),
        )
        self._admit(builder)

    def _admit(self, builder: str) -> None:
        """The builder comes in from its delivery project, to put definitions and to start runs."""
        delivery = DataGoogleProject(self, "number-builder", project_id=self.names.project(COMMON, "delivery-w"))
        Crossing(
            self,
            "crossing-builder",
            access_policy=self.access_policy,
            title=f"Builder to {self.project.id}",
            origin=(self.names.perimeter(COMMON), self.common),
            target=(self.names.perimeter(self.environment), self.place.perimeter),
            sources=[delivery.number],
            project_numbers=[self.project.number],
            identities=[builder],
            operations=self.workloads.crossings["build"],
            after=self.home.inside,
        )
        if self._judges:
            self._admit_judges(builder, delivery.number)

    def _admit_judges(self, builder: str, source: str) -> None:
        """They ask models and the evaluation service, and nothing else; so does who promotes, to judge once more."""
        role = self.names.role(JUDGE)
        for key, member in sorted(self._judges.items()):
            ProjectIamMember(self, f"judges-{key}", project=self.project.using("aiplatform"), role=role, member=member)
        self.doors("judges", "judge", [builder, *self._judges.values()], source, [role])

    def _read(self, key: str, source: Source) -> None:
        facts, project = self._kinds[source.kind], self.names.project("data", key)
        tables = source.tables if isinstance(source, BigQuerySource) else {}
        SourceReader(
            self,
            f"source-{key}",
            project_id=project,
            member=self.pipeline.member,
            roles=facts.readers,
            rows={
                f"{policy}-{self.environment}": (self.names.dataset(key), name, access.filter)
                for name, table in tables.items()
                for policy, access in table.row_access.items()
                if access.team == self.key
            },
        )
        self.reads(key, project=project, readers=[self.pipeline.member], operations=facts.crossing)

    def _promote(self, environment: str, mode: Mode) -> None:
        source = self.names.project(environment, self.key)
        ProjectIamMember(self, "registry", project=source, role="roles/aiplatform.viewer", member=self.pipeline.member)
        StorageBucketIamMember(
            self,
            "models",
            bucket=self.names.bucket(environment, self.key, "staging"),
            role="roles/storage.objectViewer",
            member=self.pipeline.member,
        )
        self.crosses(
            environment,
            target=(self.names.perimeter(environment), mode),
            project=source,
            who=[self.pipeline.member],
            operations=self.workloads.crossings["promote"],
        )
