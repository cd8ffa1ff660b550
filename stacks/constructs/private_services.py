"""The range that Google's managed services use next to a network."""

from __future__ import annotations

from ipaddress import IPv4Network

from cdktf_cdktf_provider_google.compute_global_address import ComputeGlobalAddress
from cdktf_cdktf_provider_google.service_networking_connection import ServiceNetworkingConnection
from cdktf_cdktf_provider_google.service_networking_vpc_service_controls import ServiceNetworkingVpcServiceControls
from constructs import Construct

SERVICE = "servicenetworking.googleapis.com"


class PrivateServices(Construct):
    """Private services access whose far side has no internet either: only the restricted Google APIs.

    `project_id` is a value of Project.using("servicenetworking"), `network` the id and `network_name` the name of the
    network.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        network: str,
        network_name: str,
        name: str,
        cidr: IPv4Network,
    ) -> None:
        super().__init__(scope, id_)
        reserved = ComputeGlobalAddress(
            self,
            "range",
            project=project_id,
            name=name,
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            network=network,
            address=str(cidr.network_address),
            prefix_length=cidr.prefixlen,
        )
        connection = ServiceNetworkingConnection(
            self,
            "connection",
            network=network,
            service=SERVICE,
            reserved_peering_ranges=[reserved.name],
            deletion_policy="ABANDON",
        )
        ServiceNetworkingVpcServiceControls(
            self,
            "no-internet",
            project=project_id,
            network=network_name,
            service=connection.service,
            enabled=True,
        )
