"""The one way out of a network: to the published addresses of the repository host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network

from cdktf_cdktf_provider_google.compute_address import ComputeAddress
from cdktf_cdktf_provider_google.compute_route import ComputeRoute
from cdktf_cdktf_provider_google.compute_router import ComputeRouter
from cdktf_cdktf_provider_google.compute_router_nat import (
    ComputeRouterNat,
    ComputeRouterNatLogConfig,
    ComputeRouterNatSubnetwork,
)
from constructs import Construct


class WayOut(Construct):
    """Routes to exactly `ranges`, and per region a logged NAT with one fixed address that the host can put on a list.

    Nothing else is routed to the internet; who may take the way is the firewall's business. `subnets` maps a region to
    a subnet's id. `project_id` is a value of Project.using("compute"), `network` the network's id.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        network: str,
        name: str,
        ranges: Sequence[IPv4Network],
        subnets: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        for cidr in sorted(ranges):
            key = f"{cidr.network_address}-{cidr.prefixlen}".replace(".", "-")
            ComputeRoute(
                self,
                f"route-{key}",
                project=project_id,
                name=f"{name}-{key}",
                network=network,
                dest_range=str(cidr),
                next_hop_gateway="default-internet-gateway",
                priority=1000,
            )
        for region, subnet in sorted(subnets.items()):
            address = ComputeAddress(
                self,
                f"address-{region}",
                project=project_id,
                region=region,
                name=f"{name}-{region}",
                address_type="EXTERNAL",
            )
            router = ComputeRouter(
                self, f"router-{region}", project=project_id, region=region, name=f"{name}-{region}", network=network
            )
            ComputeRouterNat(
                self,
                f"nat-{region}",
                project=project_id,
                region=region,
                router=router.name,
                name=f"{name}-{region}",
                nat_ip_allocate_option="MANUAL_ONLY",
                nat_ips=[address.self_link],
                source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
                subnetwork=[ComputeRouterNatSubnetwork(name=subnet, source_ip_ranges_to_nat=["PRIMARY_IP_RANGE"])],
                log_config=ComputeRouterNatLogConfig(enable=True, filter="ALL"),
            )
