"""The network of an environment: a Shared VPC from which nothing leaves, inside a service perimeter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_google.compute_shared_vpc_host_project import ComputeSharedVpcHostProject
from cdktf_cdktf_provider_google.data_google_project import DataGoogleProject
from constructs import Construct

from settings.model import Network, Organization
from settings.names import Names
from settings.values import EnvironmentKey
from stacks.constructs.access_policy import access_policy_of
from stacks.constructs.firewall import Firewall
from stacks.constructs.folder import folder_of
from stacks.constructs.google_apis import GoogleApis
from stacks.constructs.perimeter import Mode, Perimeter, PerimeterMember, access_level_id
from stacks.constructs.private_services import PrivateServices
from stacks.constructs.project import Project
from stacks.constructs.vpc import Vpc
from stacks.constructs.way_out import WayOut
from stacks.stack import Stack
from stacks.tables import Domains, FirewallRule, ProtectedServices

ANYWHERE = ["0.0.0.0/0"]


class NetworkStack(Stack):
    """The host project of an environment and the perimeter around it and the environment's keys.

    `repository_clients` are the e-mails of the identities that may reach the repository host; where there are none,
    no route leads out of the network at all. The tables of rules, domains and services are those of every network.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        environment: EnvironmentKey,
        network: Network,
        apis: Sequence[str],
        repository_clients: Sequence[str],
        rules: Mapping[str, FirewallRule],
        domains: Domains,
        services: ProtectedServices,
        mode: Mode,
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=environment, concern="network")
        self._domains, self._services = domains, services
        project = Project(
            self,
            "project",
            project_id=names.project(environment, "network"),
            folder=folder_of(self, environment, organization=organization, names=names),
            billing_account=organization.billing_account,
            labels=names.labels(environment, "network"),
            apis=apis,
            adopted=organization.existing.projects.get(f"{environment}-network"),
        )
        host = ComputeSharedVpcHostProject(self, "host", project=project.using("compute"))
        vpc = Vpc(
            self,
            "vpc",
            project_id=host.project,
            name=names.network(environment),
            subnets={
                region: (names.subnet(environment, region), str(network.subnets[region]))
                for region in organization.regions
            },
            adopted=organization.existing.networks.get(environment),
        )
        self._private(project, vpc, network, bool(repository_clients))
        if repository_clients:
            WayOut(
                self,
                "repositories",
                project_id=project.using("compute"),
                network=vpc.link,
                name=names.resource(names.codes[environment], "repositories"),
                ranges=organization.repositories.provider.ranges,
                subnets={region: vpc.subnet(region) for region in organization.regions},
            )
        Firewall(
            self,
            "firewall",
            project_id=project.using("compute"),
            network=vpc.link,
            name=names.resource(names.codes[environment], "firewall"),
            rules=rules,
            ranges={
                "google_apis": [f"{network.google_apis}/32"],
                "services": [str(network.services)],
                "subnets": [str(network.subnets[region]) for region in organization.regions],
                "repositories": [str(cidr) for cidr in organization.repositories.provider.ranges],
                "anywhere": ANYWHERE,
            },
            accounts={"repository_clients": repository_clients},
        )
        self._perimeter(project, mode)

    def _private(self, project: Project, vpc: Vpc, network: Network, repositories: bool) -> None:
        names, environment = self.names, self.environment
        GoogleApis(
            self,
            "google-apis",
            project_id=project.using("compute"),
            dns_project_id=project.using("dns"),
            network=vpc.link,
            name=names.google_apis(names.codes[environment]),
            address=str(network.google_apis),
            bundle="vpc-sc",
            domains=self._domains.private,
            public_domains=[self.organization.repositories.provider.domain] if repositories else [],
            resolvers=self._domains.resolvers,
        )
        PrivateServices(
            self,
            "private-services",
            project_id=project.using("servicenetworking"),
            network=vpc.link,
            network_name=vpc.name,
            name=names.resource(names.codes[environment], "services"),
            cidr=network.services,
        )

    def _perimeter(self, project: Project, mode: Mode) -> None:
        policy = access_policy_of(self, organization=self.organization)
        perimeter = Perimeter(
            self,
            "perimeter",
            access_policy=policy,
            name=self.names.perimeter(self.environment),
            description=f"Everything that holds data in {self.environment}",
            mode=mode,
            restricted_services=self._services.restricted,
            open_services=self._services.reachable,
            access_levels=[access_level_id(policy, self.names.access_level("deployers"))],
        )
        keys = DataGoogleProject(self, "keys", project_id=self.names.project(self.environment, "keys"))
        for what, number in {"network": project.number, "keys": keys.number}.items():
            PerimeterMember(
                self,
                f"member-{what}",
                access_policy=policy,
                perimeter=perimeter.key,
                project_number=number,
                mode=mode,
            )
