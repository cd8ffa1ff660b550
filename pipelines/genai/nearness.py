"""Which texts are nearly the same: word shingles, MinHash signatures and banding, all in arrays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"\w+")
HASHES, ROWS = 96, 4
NEAR = 0.7
MOST_IN_A_BUCKET = 40


def normal(text: str) -> str:
    """A text without case, punctuation and spaces that do not matter."""
    return " ".join(WORD.findall(text.lower()))


def near_pairs(texts: Sequence[str], *, boundary: int | None = None, near: float = NEAR) -> Iterator[tuple[int, int]]:
    """Pairs of texts whose shingles overlap by at least `near` (Jaccard), in order.

    With a `boundary`, only pairs of one text before it and one from it on.
    """
    if not texts:
        return
    shingled = [_shingles(text) for text in texts]
    seen: set[tuple[int, int]] = set()
    for first, second in _candidates(_signatures(shingled)):
        if (first, second) in seen or (boundary is not None and not first < boundary <= second):
            continue
        seen.add((first, second))
    yield from sorted(pair for pair in seen if _overlap(shingled[pair[0]], shingled[pair[1]]) >= near)


def unlike(texts: Sequence[str], known: int = 0) -> list[int]:
    """Numbers of the texts that are nearly the same as none before them; the first `known` are only compared with."""
    first: dict[str, int] = {}
    like = {number for number, text in enumerate(texts) if first.setdefault(text, number) < number}
    for before, after in near_pairs(texts):
        if before < known or before not in like:
            like.add(after)
    return [number for number in range(known, len(texts)) if number not in like]


def _shingles(text: str) -> frozenset[int]:
    """Hashes of pairs of words, and of single ones where there are few."""
    words = WORD.findall(text.lower())
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    return frozenset(crc32(part.encode()) for part in (pairs if len(words) > 3 else words))


def _overlap(first: frozenset[int], second: frozenset[int]) -> float:
    return len(first & second) / max(1, len(first | second))


def _signatures(shingled: Sequence[frozenset[int]]) -> NDArray[np.uint64]:
    generator = np.random.default_rng(1)
    factor = generator.integers(1, 1 << 63, HASHES, dtype=np.uint64) | np.uint64(1)
    shift = generator.integers(0, 1 << 63, HASHES, dtype=np.uint64)
    sizes = np.array([max(1, len(one)) for one in shingled])
    flat = np.fromiter((x for one in shingled for x in (one or (0,))), np.uint64, int(sizes.sum()))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    out = np.empty((len(shingled), HASHES), np.uint64)
    for k in range(HASHES):
        out[:, k] = np.minimum.reduceat(flat * factor[k] + shift[k], starts)
    return out


def _candidates(signatures: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Pairs that agree in a whole band. A crowded bucket is compared along its line and not all with all."""
    mix = np.random.default_rng(2).integers(1, 1 << 63, ROWS, dtype=np.uint64) | np.uint64(1)
    for band in range(0, HASHES, ROWS):
        keys = (signatures[:, band : band + ROWS] * mix).sum(1, dtype=np.uint64)
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.diff(keys[order], prepend=~keys[order[:1]]) != 0)
        sizes = np.diff(starts, append=len(order))
        for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
            found = order[start : start + size].tolist()
            if size <= MOST_IN_A_BUCKET:
                yield from combinations(found, 2)
            else:
                yield from pairwise(found)
