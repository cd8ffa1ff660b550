"""A team's interactive project: where people explore, with what the catalog puts there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_google.storage_bucket_iam_member import StorageBucketIamMember
from constructs import Construct

from settings.model import Environment, Organization, Source, Team
from settings.names import COMMON, Names
from settings.values import EnvironmentKey
from stacks.constructs.perimeter import Mode
from stacks.constructs.rotated_secret import RotatedSecret
from stacks.constructs.service_account import ServiceAccount
from stacks.source_kinds import Kind
from stacks.team import TeamStack
from stacks.workloads import Workloads

TOKEN = "git-token"
TOKEN_DAYS = 90


class InteractiveStack(TeamStack):
    """A project in which the team's scientists work as themselves or as a notebook, and launch from the catalog.

    A notebook may start jobs as the pipeline identity; nobody may act as the launcher but who is in `launchers`. Source
    data is read by people only, with access that its owner lends.
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
        sources: Mapping[str, Source],
        common: Mode,
        workloads: Workloads,
        kinds: Mapping[str, Kind],
        launchers: Mapping[str, str],
    ) -> None:
        super().__init__(
            scope,
            id_,
            organization=organization,
            names=names,
            environment=environment,
            place=place,
            concern="interactive",
            key=key,
            team=team,
            apis=apis,
            keys=keys,
            people=people,
            common=common,
            workloads=workloads,
        )
        scientists = f"group:{names.group('data_scientist', key)}"
        notebook = self.workload("notebook", {"scientists": scientists})
        self.let_act("notebook", notebook.member, self.pipeline)
        launcher = self.workload("launcher", launchers)
        self.let_act("launcher", launcher.member, notebook)
        self.bucket(
            "staging",
            {
                "pipeline": ("roles/storage.objectUser", self.pipeline.member),
                "notebook": ("roles/storage.objectUser", notebook.member),
                "scientists": ("roles/storage.objectUser", scientists),
            },
        )
        RotatedSecret(
            self,
            "git-token",
            project=self.project,
            region=self.region,
            name=TOKEN,
            rotation_days=TOKEN_DAYS,
            readers={"notebook": notebook.member},
        )
        self.features({"notebook": notebook.member, "pipeline": self.pipeline.member})
        for source in team.sources:
            self.reads(
                source,
                project=names.project("data", source),
                readers=[scientists],
                operations=kinds[sources[source].kind].crossing,
            )
        agent = self.project.agent("aiplatform")
        self.pulls({"agent": agent, "notebook": notebook.member, "pipeline": self.pipeline.member})
        self._launches(launcher)

    def _launches(self, launcher: ServiceAccount) -> None:
        """The launcher reads the catalog's archives."""
        StorageBucketIamMember(
            self,
            "templates",
            bucket=self.names.template_bucket(),
            role="roles/storage.objectViewer",
            member=launcher.member,
        )
        self.reads(
            "catalog",
            project=self.names.project(COMMON, "catalog"),
            readers=[launcher.member],
            operations=self.workloads.crossings["templates"],
        )
