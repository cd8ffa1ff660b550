"""What runs a team's pipelines: one class per choice, all told the same and each promising the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_google.composer_environment import (
    ComposerEnvironment,
    ComposerEnvironmentConfigA,
    ComposerEnvironmentConfigEncryptionConfig,
    ComposerEnvironmentConfigMaintenanceWindow,
    ComposerEnvironmentConfigNodeConfig,
    ComposerEnvironmentConfigSoftwareConfig,
    ComposerEnvironmentConfigSoftwareConfigCloudDataLineageIntegration,
    ComposerEnvironmentStorageConfig,
)
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from cdktf_cdktf_provider_google.service_account_iam_member import ServiceAccountIamMember
from constructs import Construct

from stacks.constructs.bucket import Bucket
from stacks.constructs.service_account import ServiceAccount
from stacks.constructs.team_project import TeamProject

NIGHTS = {
    "start_time": "2026-01-03T00:00:00Z",
    "end_time": "2026-01-03T06:00:00Z",
    "recurrence": "FREQ=WEEKLY;BYDAY=SA,SU",
}


@dataclass(frozen=True)
class Place:
    """Where an orchestrator runs: region and network, and the image for those that have one."""

    region: str
    host_project: str
    network: str
    subnet: str
    internal_range: str | None
    image: str


class Orchestrator(Construct):
    """Runs definitions that `builder` put into the `definitions` bucket, and every step of them as `pipeline`.

    `builder` may start runs, with the roles `starter`, and nobody else outside the project may.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        home: TeamProject,
        place: Place,
        name: str,
        definitions: Bucket,
        pipeline: ServiceAccount,
        builder: str,
        starter: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        self._home, self._place, self._name = home, place, name
        self._definitions, self._pipeline, self._builder = definitions, pipeline, builder
        for role in starter:
            key, project = role.rpartition("/")[2], home.project.using("iam")
            ProjectIamMember(self, f"builder-{key}", project=project, role=role, member=builder)
        self._make()

    @staticmethod
    def bucket_key(home: TeamProject) -> str:
        """The key that the bucket of definitions has to be kept with."""
        return home.project.key("storage")

    def _make(self) -> None:
        raise NotImplementedError


class VertexPipelines(Orchestrator):
    """Vertex AI Pipelines: nothing to keep running; the builder submits a definition from the bucket."""

    def _make(self) -> None:
        ServiceAccountIamMember(
            self,
            "submits",
            service_account_id=self._pipeline.name,
            role="roles/iam.serviceAccountUser",
            member=self._builder,
        )


class Composer(Orchestrator):
    """A private Composer 3 environment on the Shared VPC with a customer key, whose DAG folder is the bucket.

    Its own identity runs Airflow only: each task takes the pipeline's identity.
    """

    @staticmethod
    def bucket_key(home: TeamProject) -> str:
        """Composer wants its bucket kept with the environment's own key."""
        return home.shared_key("composer", "storage")

    def _make(self) -> None:
        project, place = self._home.project, self._place
        runner = ServiceAccount(
            self,
            "runner",
            project_id=project.using("iam"),
            account_id="composer",
            display_name="Runs Airflow",
        )
        worker = ProjectIamMember(
            self, "worker", project=project.using("iam"), role="roles/composer.worker", member=runner.member
        )
        grants = [
            ServiceAccountIamMember(self, key, service_account_id=account.name, role=role, member=member)
            for key, account, role, member in (
                ("agent", runner, "roles/composer.ServiceAgentV2Ext", project.agent("composer")),
                ("tasks", self._pipeline, "roles/iam.serviceAccountTokenCreator", runner.member),
                ("jobs", self._pipeline, "roles/iam.serviceAccountUser", runner.member),
            )
        ]
        attachments = ProjectIamMember(
            self,
            "attachments",
            project=place.host_project,
            role="roles/composer.sharedVpcAgent",
            member=project.agent("composer"),
        )
        ComposerEnvironment(
            self,
            "environment",
            project=project.using("composer"),
            name=self._name,
            region=place.region,
            storage_config=ComposerEnvironmentStorageConfig(bucket=self._definitions.name),
            config=self._config(runner),
            depends_on=[*self._home.ready, *grants, worker, attachments],
        )

    def _config(self, runner: ServiceAccount) -> ComposerEnvironmentConfigA:
        place = self._place
        lineage = ComposerEnvironmentConfigSoftwareConfigCloudDataLineageIntegration(enabled=True)
        return ComposerEnvironmentConfigA(
            environment_size="ENVIRONMENT_SIZE_SMALL",
            enable_private_environment=True,
            enable_private_builds_only=True,
            software_config=ComposerEnvironmentConfigSoftwareConfig(
                image_version=place.image,
                web_server_plugins_mode="DISABLED",
                cloud_data_lineage_integration=lineage,
            ),
            node_config=ComposerEnvironmentConfigNodeConfig(
                network=place.network,
                subnetwork=place.subnet,
                service_account=runner.email,
                composer_internal_ipv4_cidr_block=place.internal_range,
            ),
            encryption_config=ComposerEnvironmentConfigEncryptionConfig(
                kms_key_name=self._home.project.key("composer")
            ),
            maintenance_window=ComposerEnvironmentConfigMaintenanceWindow(**NIGHTS),
        )


ORCHESTRATORS: dict[str, type[Orchestrator]] = {"vertex": VertexPipelines, "composer": Composer}
