"""A team's interactive project: where people explore, with what the catalog puts there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_google.data_google_project import DataGoogleProject
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember, ProjectIamMemberCondition
from cdktf_cdktf_provider_google.service_account_iam_member import ServiceAccountIamMember
from constructs import Construct

from catalog_templates.manifest import Manifest
from settings.model import Environment, Organization, Source, Team
from settings.names import COMMON, Names
from settings.values import EnvironmentKey
from stacks.constructs.crossing import Crossing
from stacks.constructs.deployer import TOKEN_CREATOR
from stacks.constructs.perimeter import Mode
from stacks.constructs.rotated_secret import RotatedSecret
from stacks.constructs.service_account import ServiceAccount
from stacks.source_kinds import Kind
from stacks.team import TeamStack
from stacks.workloads import Workloads

AGENT, READER = "launch_agent", "roles/storage.objectViewer"
MAKER = "roles/storage.admin"
TOKEN = "git-token"
TOKEN_DAYS = 90


class InteractiveStack(TeamStack):
    """A project in which the team's scientists work as themselves or as a notebook, and launch from the catalog.

    A notebook may start jobs as the pipeline identity. Each of the `templates` has a deployer of its own, which only
    the launcher may act as; only the order `desk`, a builder, may take the launcher, and no person. The `orderers` see
    what is on offer. Source data is read by people only, with access that its owner lends.
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
        desk: str,
        orderers: Mapping[str, str],
        templates: Mapping[str, Manifest],
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
            builds=builds,
            common=common,
            workloads=workloads,
        )
        scientists = f"group:{names.group('data_scientist', key)}"
        notebook = self.workload("notebook", {"scientists": scientists})
        self.let_act("notebook", notebook.member, self.pipeline)
        launcher = self._launcher(desk)
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
        self._guarded({"agent": agent, "notebook": notebook.member, "pipeline": self.pipeline.member})
        identities = {"notebook": notebook, "pipeline": self.pipeline, "composer": self._airflow()}
        deployers = {key: self._deployer(key, it, launcher, identities) for key, it in sorted(templates.items())}
        # Who makes buckets may write in this one, too.
        runs = {
            k: ("roles/storage.objectUser", d.member)
            for k, d in deployers.items()
            if MAKER not in templates[k].deployer.roles
        }
        self.bucket("launches", runs)
        self._launches({"launcher": launcher, **deployers})
        self._offers(orderers)

    def _guarded(self, callers: Mapping[str, str]) -> None:
        """Who calls models may have a guardrail of the catalog look; Vertex AI itself does where a call names one."""
        for key, member in callers.items():
            ProjectIamMember(
                self,
                f"guardrails-{key}",
                project=self.project.using("iam"),
                role="roles/modelarmor.user",
                member=member,
            )

    def _launcher(self, desk: str) -> ServiceAccount:
        """Hands orders to deployers. The desk comes in from its build project, as the launcher and for this alone."""
        account, home = self.workload("launcher"), self.names.project(COMMON, "delivery-i")
        ServiceAccountIamMember(self, "desk", service_account_id=account.name, role=TOKEN_CREATOR, member=desk)
        Crossing(
            self,
            "desk-crossing",
            access_policy=self.access_policy,
            title=f"Orders to {self.project.id}",
            origin=(self.names.perimeter(COMMON), self.common),
            target=(self.names.perimeter(self.environment), self.place.perimeter),
            sources=[DataGoogleProject(self, "desk-number", project_id=home).number],
            project_numbers=[self.project.number],
            identities=[account.member],
            operations=self.workloads.crossings["order"],
            after=self.home.inside,
        )
        return account

    def _offers(self, orderers: Mapping[str, str]) -> None:
        """Who orders reads what is published, and no candidate."""
        bucket = f"projects/_/buckets/{self.names.template_bucket()}"
        inside = f'resource.name.startsWith("{bucket}/objects/published/")'
        for key, group in sorted(orderers.items()):
            ProjectIamMember(
                self,
                f"offers-{key}",
                project=self.names.project(COMMON, "catalog"),
                role=READER,
                member=group,
                condition=ProjectIamMemberCondition(
                    title="published-only", expression=f'resource.name == "{bucket}" || {inside}'
                ),
            )

    def _airflow(self) -> ServiceAccount:
        """Runs Airflow in environments from the catalog; each task takes the pipeline's identity."""
        account, agent = self.workload("composer"), self.project.agent("composer")
        for key, of, role, member in (
            ("agent", account, "roles/composer.ServiceAgentV2Ext", agent),
            ("tasks", self.pipeline, "roles/iam.serviceAccountTokenCreator", account.member),
            ("jobs", self.pipeline, "roles/iam.serviceAccountUser", account.member),
        ):
            ServiceAccountIamMember(self, f"airflow-{key}", service_account_id=of.name, role=role, member=member)
        ProjectIamMember(
            self,
            "airflow-attachments",
            project=self.names.project(self.environment, "network"),
            role="roles/composer.sharedVpcAgent",
            member=agent,
        )
        return account

    def _deployer(
        self, key: str, manifest: Manifest, launcher: ServiceAccount, identities: Mapping[str, ServiceAccount]
    ) -> ServiceAccount:
        """The one identity that makes what a template describes, with the rights that its manifest asks for."""
        role = f"launch-{key}".replace("_", "-")
        account = ServiceAccount(
            self,
            role,
            project_id=self.project.using("iam"),
            account_id=self.names.service_account_id(role),
            display_name=f"Makes: {manifest.title}",
            roles=tuple(manifest.deployer.roles),
            users={"launcher": launcher.member},
        )
        agent = self.names.role(AGENT)
        ProjectIamMember(self, f"{role}-agent", project=self.project.using("iam"), role=agent, member=account.member)
        for who in manifest.deployer.acts_as:
            self.let_act(f"{role}-{who}", account.member, identities[who])
        return account

    def _launches(self, readers: Mapping[str, ServiceAccount]) -> None:
        """The launcher and the deployers read the catalog's archives."""
        for key, account in readers.items():
            # On the project, which holds that one bucket: the right to hand out reading ends there.
            ProjectIamMember(
                self,
                f"templates-{key}",
                project=self.names.project(COMMON, "catalog"),
                role=READER,
                member=account.member,
            )
        self.reads(
            "catalog",
            project=self.names.project(COMMON, "catalog"),
            readers=[account.member for account in readers.values()],
            operations=self.workloads.crossings["templates"],
        )
