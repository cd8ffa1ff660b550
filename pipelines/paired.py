"""The statistics of the gate: how sure it is that a difference lies above or below a bound. Numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXACT_UP_TO = 14
"""Items up to which every sign pattern is tried instead of a sample of them."""
NORMAL_FROM = 5000
"""Items from which the distribution of a mean is normal to every digit that a verdict could need."""
BLOCK = 500_000


@dataclass(frozen=True)
class Evidence:
    """A mean paired difference, and the probabilities of such a mean if the truth were at the bound."""

    mean: float
    p_above: float
    p_below: float
    spread: float
    drawn: Floats

    def interval(self, error: float) -> tuple[float, float]:
        """Where the true mean lies; each side is missed with probability `error`."""
        if len(self.drawn):
            low, high = np.quantile(self.drawn, [error, 1 - error])
            return float(low), float(high)
        reach = NormalDist().inv_cdf(1 - error) * self.spread
        return self.mean - reach, self.mean + reach


def evidence(differences: Floats, *, bound: float, resamples: int, generator: Generator) -> Evidence:
    """What `differences` say about a `bound` of their mean.

    Intervals are a paired bootstrap of the mean, the probabilities a sign-flip test around the bound, exact for few
    items. For very many items both are the normal distribution that they would come to.
    """
    mean, n = float(differences.mean()), len(differences)
    if n < NORMAL_FROM:
        above, below = _sign_flip(differences - bound, resamples, generator)
        return Evidence(mean, above, below, 0.0, _bootstrap(differences, resamples, generator))
    spread = float(differences.std(ddof=1)) / n**0.5
    below = NormalDist().cdf((mean - bound) / spread) if spread else float(mean >= bound)
    return Evidence(mean, 1 - below if spread else float(mean <= bound), below, spread, np.empty(0))


def shares(hits: Sequence[int], items: Sequence[int], *, bound: float, draws: int, generator: Generator) -> Evidence:
    """What is known about a `bound` of the difference between two shares, of a candidate and then of a reference.

    Their items are not the same, so nothing is paired: both shares are drawn from all that their counts leave possible
    (Jeffreys' prior, which is right about as often as it says, even where nothing was hit).
    """
    one, other = (generator.beta(h + 0.5, n - h + 0.5, draws) for h, n in zip(hits, items, strict=True))
    drawn, mean = one - other, hits[0] / items[0] - hits[1] / items[1]
    return Evidence(mean, float((drawn <= bound).mean()), float((drawn >= bound).mean()), 0.0, drawn)


def _blocks(n: int, resamples: int) -> list[int]:
    rows = max(1, BLOCK // n)
    return [min(rows, resamples - start) for start in range(0, resamples, rows)]


def _bootstrap(differences: Floats, resamples: int, generator: Generator) -> Floats:
    n = len(differences)
    drawn = [
        differences[generator.integers(0, n, (size, n), dtype=np.int32)].mean(axis=1) for size in _blocks(n, resamples)
    ]
    return np.concatenate(drawn)


def _sign_flip(centred: Floats, resamples: int, generator: Generator) -> tuple[float, float]:
    """How often a random choice of signs gives a mean as large, and as small, as the one that was seen."""
    n, seen, slack = len(centred), centred.sum(), 1e-9 * (1e-9 + np.abs(centred).sum())
    if n <= EXACT_UP_TO:
        sums = np.array(list(product((-1.0, 1.0), repeat=n))) @ centred
        return float((sums >= seen - slack).mean()), float((sums <= seen + slack).mean())
    above, below = 1, 1
    for size in _blocks(n, resamples):
        bits = np.frombuffer(generator.bytes(size * (n // 8 + 1)), np.uint8).reshape(size, -1)
        sums = 2 * (np.unpackbits(bits, axis=1, count=n).astype(np.float64) @ centred) - seen
        above, below = above + int((sums >= seen - slack).sum()), below + int((sums <= seen + slack).sum())
    return above / (resamples + 1), below / (resamples + 1)
