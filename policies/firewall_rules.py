"""Firewall rules of every kind, as one shape."""

from __future__ import annotations

import ipaddress

from policies.values import Values

TYPES = [
    "google_compute_firewall",
    "google_compute_firewall_policy_rule",
    "google_compute_network_firewall_policy_rule",
    "google_compute_region_network_firewall_policy_rule",
]
# Protocols that have ports, by name and by number.
WITH_PORTS = ("tcp", "udp", "sctp", "6", "17", "132")


def allows(it: Values) -> bool:
    """Whether the rule lets traffic through."""
    return it.text("action") == "allow" or bool(it.blocks("allow"))


def outward(it: Values) -> bool:
    """Whether it is about traffic that leaves."""
    return it.text("direction") == "EGRESS"


def ranges(it: Values) -> list[str]:
    """The addresses at the far end."""
    paths = ["match.dest_ip_ranges", "destination_ranges"] if outward(it) else ["match.src_ip_ranges", "source_ranges"]
    return [str(one) for path in paths for one in it.all(path)]


def named(layer: Values) -> bool:
    """Whether a protocol is named, and its ports where it has some; a thousand ports are no name."""
    protocol, ports = str(layer.get("ip_protocol", layer.get("protocol", "all"))).lower(), layer.all("ports")
    spans = [str(one).split("-") for one in ports]
    few = all(word.isdigit() for span in spans for word in span) and sum(int(s[-1]) - int(s[0]) for s in spans) < 1024
    return protocol != "all" and (few if ports else protocol not in WITH_PORTS)


def wide(range_: str) -> bool:
    """Whether a range holds more public addresses than one known service could have."""
    try:
        network = ipaddress.ip_network(range_, strict=False)
    except ValueError:
        return False
    return not network.is_private and network.num_addresses > 2**13
