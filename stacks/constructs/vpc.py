"""A network without a way out, and the subnets in it."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_google.compute_network import ComputeNetwork
from cdktf_cdktf_provider_google.compute_subnetwork import ComputeSubnetwork, ComputeSubnetworkLogConfig
from constructs import Construct

from settings.model import Adopted


class Vpc(Construct):
    """A custom network without default routes whose subnets reach Google privately and log their flows.

    `subnets` maps a region to (name, range). A network that exists already is imported or only pointed at by its
    `adopted` id; its subnets are made all the same. `project_id` is a value of Project.using("compute"). `link` is the
    network's id and `subnet(region)` a subnet's, to be had only once it exists.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        name: str,
        subnets: Mapping[str, tuple[str, str]],
        adopted: Adopted | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self.name, self.link = name, ""
        if adopted:
            self.name, self.link = adopted.id.rsplit("/", 1)[1], adopted.id
        if not (adopted and adopted.adopt == "reference"):
            network = ComputeNetwork(
                self,
                "network",
                project=project_id,
                name=self.name,
                auto_create_subnetworks=False,
                delete_default_routes_on_create=True,
                routing_mode="REGIONAL",
                # Danger: with the default order an instance's own firewall rule would win over the network's policy.
                network_firewall_policy_enforcement_order="BEFORE_CLASSIC_FIREWALL",
            )
            if adopted:
                network.import_from(adopted.id)
            self.name, self.link = network.name, network.id
        self._subnets = {
            region: ComputeSubnetwork(
                self,
                f"subnet-{region}",
                project=project_id,
                region=region,
                name=subnet,
                network=self.link,
                ip_cidr_range=cidr,
                private_ip_google_access=True,
                stack_type="IPV4_ONLY",
                log_config=ComputeSubnetworkLogConfig(
                    aggregation_interval="INTERVAL_5_SEC", flow_sampling=0.5, metadata="INCLUDE_ALL_METADATA"
                ),
            )
            for region, (subnet, cidr) in sorted(subnets.items())
        }

    def subnet(self, region: str) -> str:
        """Id of the subnet of a region."""
        link: str = self._subnets[region].id
        return link
