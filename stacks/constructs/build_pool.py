"""Where builds run: workers without public addresses on a network of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from typing import Literal

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_google.cloudbuild_worker_pool import (
    CloudbuildWorkerPool,
    CloudbuildWorkerPoolPrivateServiceConnect,
    CloudbuildWorkerPoolWorkerConfig,
)
from cdktf_cdktf_provider_google.compute_network_attachment import ComputeNetworkAttachment
from constructs import Construct

from stacks.constructs.firewall import Firewall
from stacks.constructs.google_apis import GoogleApis
from stacks.constructs.project import Project
from stacks.constructs.vpc import Vpc
from stacks.constructs.way_out import WayOut
from stacks.tables import FirewallRule


class BuildPool(Construct):
    """A private worker pool whose traffic all passes its own network: to Google's APIs and the repository host only.

    `name` is the pool's name; the network's parts are named after `network`. `domains` lead to the private endpoint
    `endpoint`, `public_domains` are the repository host's and resolved by `resolvers`. The pool comes `after` what lets
    Cloud Build's agent attach it to the network.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        region: str,
        name: str,
        network: str,
        subnet: IPv4Network,
        endpoint: str,
        google_apis: str,
        bundle: Literal["vpc-sc", "all-apis"],
        domains: Sequence[str],
        public_domains: Sequence[str],
        resolvers: Sequence[str],
        repositories: Sequence[IPv4Network],
        rules: Mapping[str, FirewallRule],
        machine_type: str,
        disk_gb: int,
        after: Sequence[ITerraformDependable],
    ) -> None:
        super().__init__(scope, id_)
        compute = project.using("compute")
        vpc = Vpc(self, "vpc", project_id=compute, name=network, subnets={region: (f"{network}-{region}", str(subnet))})
        GoogleApis(
            self,
            "google-apis",
            project_id=compute,
            dns_project_id=project.using("dns"),
            network=vpc.link,
            name=endpoint,
            address=google_apis,
            bundle=bundle,
            domains=domains,
            public_domains=public_domains,
            resolvers=resolvers,
        )
        WayOut(
            self,
            "repositories",
            project_id=compute,
            network=vpc.link,
            name=f"{network}-repositories",
            ranges=repositories,
            subnets={region: vpc.subnet(region)},
        )
        Firewall(
            self,
            "firewall",
            project_id=compute,
            network=vpc.link,
            name=f"{network}-firewall",
            rules=rules,
            ranges={
                "google_apis": [f"{google_apis}/32"],
                "repositories_of_builds": [str(cidr) for cidr in repositories],
                "anywhere": ["0.0.0.0/0"],
            },
            accounts={},
        )
        attachment = ComputeNetworkAttachment(
            self,
            "attachment",
            project=compute,
            region=region,
            name=f"{network}-workers",
            connection_preference="ACCEPT_AUTOMATIC",
            subnetworks=[vpc.subnet(region)],
        )
        CloudbuildWorkerPool(
            self,
            "pool",
            project=project.using("cloudbuild"),
            location=region,
            name=name,
            worker_config=CloudbuildWorkerPoolWorkerConfig(
                machine_type=machine_type, disk_size_gb=disk_gb, no_external_ip=True
            ),
            private_service_connect=CloudbuildWorkerPoolPrivateServiceConnect(
                network_attachment=attachment.id, route_all_traffic=True
            ),
            depends_on=list(after),
        )
