"""The private way to Google's APIs: an endpoint inside the network, and names that lead to it and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cdktf_cdktf_provider_google.compute_global_address import ComputeGlobalAddress
from cdktf_cdktf_provider_google.compute_global_forwarding_rule import ComputeGlobalForwardingRule
from cdktf_cdktf_provider_google.dns_managed_zone import (
    DnsManagedZone,
    DnsManagedZoneForwardingConfig,
    DnsManagedZoneForwardingConfigTargetNameServers,
    DnsManagedZonePrivateVisibilityConfig,
    DnsManagedZonePrivateVisibilityConfigNetworks,
)
from cdktf_cdktf_provider_google.dns_policy import DnsPolicy, DnsPolicyNetworks
from cdktf_cdktf_provider_google.dns_record_set import DnsRecordSet
from constructs import Construct

TTL = 300


class GoogleApis(Construct):
    """Google's APIs at one internal address, for a network and its DNS.

    Each of `domains` and everything below it resolves to the endpoint. `public_domains` are resolved by `resolvers`;
    every other name in the world does not exist in this network, so that names cannot carry data out. `bundle` vpc-sc
    offers only what VPC Service Controls protects. `project_id` and `dns_project_id` are values of Project.using for
    "compute" and "dns"; `name` has 1 to 20 lower-case letters and digits.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        dns_project_id: str,
        network: str,
        name: str,
        address: str,
        bundle: Literal["vpc-sc", "all-apis"],
        domains: Sequence[str],
        public_domains: Sequence[str] = (),
        resolvers: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, id_)
        self._project, self._network = dns_project_id, network
        reserved = ComputeGlobalAddress(
            self,
            "address",
            project=project_id,
            name=name,
            purpose="PRIVATE_SERVICE_CONNECT",
            address_type="INTERNAL",
            network=network,
            address=address,
        )
        ComputeGlobalForwardingRule(
            self,
            "endpoint",
            project=project_id,
            name=name,
            target=bundle,
            network=network,
            ip_address=reserved.id,
            # Danger: an absent scheme means EXTERNAL, which Google refuses here.
            load_balancing_scheme="",
            no_automate_dns_zone=True,
        )
        DnsPolicy(
            self,
            "logging",
            project=dns_project_id,
            name=f"{name}-logging",
            enable_logging=True,
            enable_inbound_forwarding=False,
            networks=[DnsPolicyNetworks(network_url=network)],
        )
        for domain in sorted(domains):
            self._towards(reserved.address, domain)
        self._zone("everything-else", ".")
        for domain in sorted(public_domains):
            self._zone(
                f"public-{_word(domain)}",
                f"{domain}.",
                forwarding_config=DnsManagedZoneForwardingConfig(
                    target_name_servers=[
                        DnsManagedZoneForwardingConfigTargetNameServers(ipv4_address=ip) for ip in resolvers
                    ]
                ),
            )

    def _zone(
        self, key: str, dns_name: str, forwarding_config: DnsManagedZoneForwardingConfig | None = None
    ) -> DnsManagedZone:
        return DnsManagedZone(
            self,
            f"zone-{key}",
            project=self._project,
            name=key,
            dns_name=dns_name,
            visibility="private",
            private_visibility_config=DnsManagedZonePrivateVisibilityConfig(
                networks=[DnsManagedZonePrivateVisibilityConfigNetworks(network_url=self._network)]
            ),
            forwarding_config=forwarding_config,
        )

    def _towards(self, address: str, domain: str) -> None:
        key = _word(domain)
        zone = self._zone(key, f"{domain}.")
        for record, name in (("apex", f"{domain}."), ("below", f"*.{domain}.")):
            DnsRecordSet(
                self,
                f"{record}-{key}",
                project=self._project,
                managed_zone=zone.name,
                name=name,
                type="A",
                ttl=TTL,
                rrdatas=[address],
            )


def _word(domain: str) -> str:
    return domain.replace(".", "-")
