"""Addresses: ranges that Google would not take, that lie in each other, or that open too much."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations

from settings.model import Network, Organization
from settings.parts import Parts
from settings.problems import Problem

# Google's VPC documentation (subnets, read 2026-11): ranges for internal use, and what Google's machines use.
PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
TAKEN = {
    IPv4Network("172.17.0.0/16"): "containers on Google's machines",
    IPv4Network("192.168.10.0/24"): "Cloud Build's workers",
}
LENGTHS = {"subnet": (8, 29), "services": (8, 24), "composer": (20, 20)}
WIDEST_HOST_RANGE = 12


def network_problems(parts: Parts) -> Iterator[Problem]:
    """Every range that cannot be used, and every two that overlap."""
    ranges: list[tuple[str, IPv4Network]] = []
    for key, environment in parts.environments.items():
        place = parts.place(f"environments/{key}.yaml.network")
        ranges += [(f"{place}.{name}", range_) for name, range_ in environment.network.ranges]
        yield from _complete(parts, place, environment.network)
    if parts.organization:
        place = parts.place("organization.yaml.builds")
        ranges += [(f"{place}.{name}", range_) for name, range_ in parts.organization.builds.ranges]
        yield from _ways_out(parts.place("organization.yaml.repositories.provider.ranges"), parts.organization)
    for place, range_ in ranges:
        yield from _usable(place, range_)
    for (place_a, a), (place_b, b) in combinations(ranges, 2):
        if a.overlaps(b):
            yield Problem(place_b, f"{_short(b)} overlaps {_short(a)} of {place_a}", "choose a free range")


def _ways_out(place: str, organization: Organization) -> Iterator[Problem]:
    for range_ in organization.repositories.provider.ranges:
        if range_.prefixlen < WIDEST_HOST_RANGE:
            text = f"{range_} opens the networks to {range_.num_addresses} addresses"
            yield Problem(place, text, "list the ranges that the host publishes")


def _complete(parts: Parts, place: str, network: Network) -> Iterator[Problem]:
    regions = parts.organization.regions if parts.organization else list(network.subnets)
    for region in regions:
        if region not in network.subnets:
            yield Problem(f"{place}.subnets", f"has no range for {region}", "add one")
    for region in network.subnets:
        if region not in regions:
            yield Problem(
                f"{place}.subnets", f"{region} is not in organization.yaml.regions", "remove it or add the region"
            )
    if network.composer is None and any(team.orchestrator == "composer" for team in parts.teams.values()):
        yield Problem(f"{place}.composer", "has no range, but a team uses Composer", "add one of length /20")


def _usable(place: str, range_: IPv4Network) -> Iterator[Problem]:
    if not any(range_.subnet_of(private) for private in PRIVATE):
        yield Problem(place, f"{_short(range_)} is not private", f"choose one in {', '.join(map(str, PRIVATE))}")
    for taken, by_whom in TAKEN.items():
        if range_.overlaps(taken):
            yield Problem(place, f"{_short(range_)} overlaps {taken}, used by {by_whom}", "choose another range")
    shortest, longest = next((limits for key, limits in LENGTHS.items() if f".{key}" in place), (0, 32))
    if not shortest <= range_.prefixlen <= longest:
        wanted = f"/{longest}" if shortest == longest else f"between /{shortest} and /{longest}"
        yield Problem(place, f"{range_} has the wrong size", f"choose one {wanted}")


def _short(range_: IPv4Network) -> str:
    return str(range_).removesuffix("/32")
