"""Addresses of a new installation: the shapes of the shipped one, laid out in any base range without an overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any

from settings.network_checks import TAKEN
from settings.problems import InvalidSettings, Problem

SPACINGS = ((4, 4), (4, 3), (3, 4), (4, 2), (3, 3), (2, 3), (3, 2), (2, 2))
"""How finely a base range is cut, roomiest first: bits for the parts, then bits for the blocks of a part."""


def cut(base: IPv4Network, *, parts: int, blocks: int, length: int) -> list[Iterator[IPv4Network]]:
    """`parts` times at least `blocks` blocks that hold a /`length`, clear of what Google's machines use themselves.

    InvalidSettings where the base range is too small.
    """
    for part_bits, block_bits in SPACINGS:
        block = base.prefixlen + part_bits + block_bits
        if block <= length and blocks <= 2**block_bits:
            every = base.subnets(prefixlen_diff=part_bits)
            clear = [part for part in every if not any(map(part.overlaps, TAKEN))]
            if len(clear) >= parts:
                return [part.subnets(new_prefix=block) for part in clear[:parts]]
    problem = Problem("base_range", f"{base} is too small", "choose a larger one, for example 10.0.0.0/8")
    raise InvalidSettings([problem])


def laid_out(shape: Mapping[str, Any], blocks: Iterator[IPv4Network], regions: list[str]) -> dict[str, Any]:
    """`shape` with new addresses: a range keeps its length, an address its last number, and each gets its own block.

    A mapping of regions gets a range for each region out of one block. What is no address stays as it is.
    """
    out: dict[str, Any] = {}
    for key, value in shape.items():
        if key == "subnets":
            ranges = next(blocks).subnets(new_prefix=IPv4Network(next(iter(value.values()))).prefixlen)
            out[key] = {region: str(next(ranges)) for region in regions}
        elif isinstance(value, Mapping):
            out[key] = laid_out(value, blocks, regions)
        else:
            out[key] = _moved(value, blocks)
    return out


def _moved(value: Any, blocks: Iterator[IPv4Network]) -> Any:
    try:
        old = IPv4Network(value if isinstance(value, str) else "")
    except ValueError:
        return value
    block = next(blocks)
    if "/" in value:
        return str(next(block.subnets(new_prefix=old.prefixlen)))
    return str(block[int(old.network_address) % 256])
