"""The ranges of one network never overlap: subnetworks, their secondary ranges, and what is reserved for services."""

import ipaddress
from collections.abc import Iterator

from sandbox.physics.change import Change, Values, invalid
from sandbox.physics.references import path_in
from sandbox.physics.world import World
from sandbox.templates import last

TYPES = ["google_compute_subnetwork", "google_compute_global_address"]
ACTIONS = ("create", "update")

_Range = ipaddress.IPv4Network | ipaddress.IPv6Network


def check(change: Change, world: World) -> None:
    wanted, network = list(_ranges(change.values)), _network(change.values)
    if not wanted or not network:
        return
    for type_ in TYPES:
        for id_, values in world.store.find(type_):
            if _network(values) != network or _is_same(change, type_, values):
                continue
            for taken in _ranges(values):
                clash = next((r for r in wanted if r.version == taken.version and r.overlaps(taken)), None)
                if clash:
                    message = f"Invalid IPCidrRange: {clash} conflicts with {taken} of {id_}."
                    raise invalid(message, way_out="Choose a free range of the network.")


def _ranges(values: Values) -> Iterator[_Range]:
    texts = [values.get("ip_cidr_range")]
    texts += [block.get("ip_cidr_range") for block in values.get("secondary_ip_range") or []]
    if values.get("purpose") == "VPC_PEERING" and values.get("prefix_length"):
        texts = [f"{values.get('address')}/{values['prefix_length']}"]
    for text in texts:
        try:
            yield ipaddress.ip_network(str(text), strict=False)
        except ValueError:
            continue


def _network(values: Values) -> str:
    network = values.get("network")
    if not isinstance(network, str) or not network:
        return ""
    return path_in(network) or f"projects/{values.get('project')}/global/networks/{last(network)}"


def _is_same(change: Change, type_: str, values: Values) -> bool:
    names = ("project", "region", "name")
    return type_ == change.type and all(values.get(name) == change.values.get(name) for name in names)
