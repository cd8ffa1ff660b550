"""Delivery: the projects in which builds run, who approves there, and the identities of the builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from cdktf_cdktf_provider_google.pubsub_topic import PubsubTopic, PubsubTopicMessageStoragePolicy
from constructs import Construct

from settings.model import Organization
from settings.names import COMMON, Names
from stacks.constructs.access_policy import access_policy_of
from stacks.constructs.bucket import Bucket
from stacks.constructs.build_pool import BuildPool
from stacks.constructs.builder import ADDED, STATE, BucketUse, OrderDesk, Publisher, TemplateAuthor
from stacks.constructs.deployer import let_impersonate
from stacks.constructs.folder import folder_of
from stacks.constructs.perimeter import Mode, PerimeterMember
from stacks.constructs.project import Project
from stacks.constructs.releases import ReleaseKeys, ReleaseUse
from stacks.constructs.rotated_secret import RotatedSecret
from stacks.constructs.service_account import ServiceAccount
from stacks.stack import Stack
from stacks.tables import Builder, Delivery, DeliveryPlace, Domains, FirewallRule

APPROVER = "roles/cloudbuild.builds.approver"
HISTORY = "roles/cloudbuild.readTokenAccessor"
KEYS = ("pubsub", "secretmanager", "storage")
TOKEN_DAYS = 90
TOKENS = {"github": ["token"], "gitlab": ["token", "read-token", "webhook"]}


class DeliveryStack(Stack):
    """A project per approving persona with private workers, tokens of the repository host, and an identity per builder.

    The values of the tokens are added by people once this stack exists; connections come after it. `approvers` maps a
    build project to a persona, `deployers` a concern to the e-mail of the identity that deploys it. `teams`, by their
    purpose, have builders of their own, and their groups of the `orderers` order from the catalog; the releases of a
    generative team are signed by a key of its own.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        apis: Sequence[str],
        table: Delivery,
        approvers: Mapping[str, str],
        orderers: Sequence[str],
        teams: Mapping[str, str],
        deployers: Mapping[str, str],
        rules: Mapping[str, FirewallRule],
        domains: Domains,
        mode: Mode,
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern="delivery")
        self._table, self._apis, self._deployers, self._approvers = table, apis, deployers, approvers
        self._rules, self._domains, self._teams, self._orderers = rules, domains, teams, orderers
        self._folder = folder_of(self, COMMON, organization=organization, names=names)
        self._policy, self._mode = access_policy_of(self, organization=organization), mode
        projects = {key: self._project(key, place) for key, place in table.places.items()}
        self._plans = self._bucket("plans", names.plan_bucket(), projects["delivery-i"])
        self._orders = self._bucket("orders", names.order_bucket(), projects["delivery-i"])
        self._approved = self._bucket("approved", names.approved_bucket(), projects["delivery-w"])
        self._releases = self._bucket("releases", names.release_bucket(), projects["delivery-w"])
        self._release_keys = ReleaseKeys(
            self,
            "release-keys",
            project_id=projects["delivery-w"].using("cloudkms"),
            location=self.region,
            ring=names.release_key_ring().rpartition("/")[2],
            teams=[team for team, purpose in teams.items() if purpose == "generative"],
        ).of
        for key, builder in sorted(table.builders.items()):
            for team in builder.owners(teams):
                self._builder(f"{key}-{team}" if team else key, builder, projects[builder.home], team)

    def _bucket(self, id_: str, name: str, project: Project) -> str:
        made: str = Bucket(
            self,
            id_,
            project_id=project.using("storage"),
            name=name,
            location=self.region,
            kms_key=project.key("storage"),
        ).name
        return made

    def _customers(self, team: str) -> dict[str, str]:
        return {persona: f"group:{self.names.group(persona, team)}" for persona in self._orderers}

    def _project(self, key: str, place: DeliveryPlace) -> Project:
        names, scope = self.names, Construct(self, key)
        project = Project(
            scope,
            "project",
            project_id=names.project(COMMON, key),
            folder=self._folder,
            billing_account=self.organization.billing_account,
            labels=names.labels(COMMON, key),
            apis=self._apis,
            keys={service: names.key(COMMON, self.region, service) for service in KEYS},
            identities=sorted(self._table.agents),
            adopted=self.organization.existing.projects.get(f"{COMMON}-{key}"),
        )
        ready = [
            ProjectIamMember(
                scope, f"agent-{service}", project=project.using("iam"), role=role, member=project.agent(service)
            )
            for service, role in sorted(self._table.agents.items())
        ]
        ProjectIamMember(
            scope,
            "approver",
            project=project.using("cloudbuild"),
            role=APPROVER,
            member=f"group:{names.group(self._approvers[key])}",
        )
        self._pool(scope, key, place, project, ready)
        for token in TOKENS[self.organization.repositories.provider.host]:
            RotatedSecret(
                scope,
                f"repository-{token}",
                project=project,
                region=self.region,
                name=names.repository_token(token),
                rotation_days=TOKEN_DAYS,
                readers={"cloudbuild": project.agent("cloudbuild")},
            )
        PubsubTopic(
            scope,
            "notifications",
            project=project.using("pubsub"),
            # Danger: Google publishes what happens to builds under this name only.
            name="cloud-builds",
            kms_key_name=project.key("pubsub"),
            message_storage_policy=PubsubTopicMessageStoragePolicy(allowed_persistence_regions=[self.region]),
        )
        PerimeterMember(
            scope,
            "perimeter",
            access_policy=self._policy,
            perimeter=names.perimeter(COMMON),
            project_number=project.number,
            mode=self._mode,
        )
        return project

    def _pool(
        self, scope: Construct, key: str, place: DeliveryPlace, project: Project, ready: Sequence[ITerraformDependable]
    ) -> None:
        names, builds = self.names, self.organization.builds
        addresses = builds.networks[place.network]
        BuildPool(
            scope,
            "builds",
            project=project,
            region=self.region,
            name=names.worker_pool(key).rsplit("/", 1)[1],
            network=names.resource(names.codes[COMMON], key),
            subnet=addresses.subnet,
            endpoint=names.google_apis(key),
            google_apis=str(addresses.google_apis),
            bundle=place.bundle,
            domains=self._domains.private,
            public_domains=[self.organization.repositories.provider.domain],
            resolvers=self._domains.resolvers,
            repositories=self.organization.repositories.provider.ranges,
            rules=self._rules,
            machine_type=builds.machine_type,
            disk_gb=builds.disk_gb,
            after=ready,
        )

    def _builder(self, role: str, builder: Builder, project: Project, team: str | None) -> None:
        names, scope = self.names, Construct(self, f"builder-{role}")
        account = ServiceAccount(
            scope,
            "account",
            project_id=project.using("iam"),
            account_id=names.service_account_id(role),
            display_name=builder.title,
            roles=[*self._table.all, *([HISTORY] if builder.history else [])],
            users={"deployer": f"serviceAccount:{names.deployer('delivery')}"},
        )
        Publisher(
            scope,
            "artifacts",
            member=account.member,
            project_id=names.project(COMMON, "artifacts"),
            location=self.region,
            roles=[*self._table.readers, *builder.artifacts],
            repositories=builder.writes,
        )
        used = {}
        if builder.plans:
            used["plans"] = (self._plans, ADDED[builder.plans])
        if builder.approved:
            used["approved"] = (self._approved, ADDED[builder.approved])
        if builder.state:
            used["state"] = (names.state_bucket(), STATE[builder.state])
        if builder.orders:
            used["templates"] = (names.template_bucket(), ADDED["read"])
        BucketUse(scope, "buckets", member=account.member, roles=used)
        if builder.templates:
            TemplateAuthor(
                scope,
                "templates",
                member=account.member,
                bucket=names.template_bucket(),
                folder=builder.templates,
                reviewers=f"group:{names.group(self._approvers[builder.home])}",
            )
        if builder.orders:
            teams = {key: self._customers(key) for key in self._teams}
            OrderDesk(scope, "desk", member=account.member, bucket=self._orders, customers=teams)
        if builder.releases and team in self._release_keys:
            ReleaseUse(
                scope,
                "releases",
                member=account.member,
                use=builder.releases,
                key=self._release_keys[team],
                bucket=self._releases,
                folder=team,
            )
        if builder.takes:
            one = {builder.takes: names.deployer(builder.takes)}
            let_impersonate(
                scope,
                "takes",
                deployers=self._deployers if builder.takes == "all" else one,
                project_id=names.project(COMMON, "seed"),
                member=account.member,
            )
