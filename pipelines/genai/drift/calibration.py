"""Is a test to be trusted? False alarms where nothing moved, and how often it sees what did, over seeded runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
from threadpoolctl import threadpool_limits

from pipelines.genai.drift.lab import OF_VECTORS, TESTS, compare
from pipelines.genai.drift.traffic import made
from pipelines.genai.drift.two_sample import Floats, Labels

DIMENSIONS = 16
SHIFTS: dict[str, tuple[float, ...]] = {
    "mean": (0.0, 0.15, 0.3, 0.5, 0.8),
    "scale": (1.0, 1.2, 1.4, 1.7, 2.0),
    "mixture": (0.0, 0.1, 0.2, 0.35, 0.5),
}
TOPIC_SHARES = (0.0, 0.1, 0.2, 0.35, 0.5)


@dataclass(frozen=True)
class Rate:
    """How often a test rejected under one condition."""

    test: str
    shift: str
    size: float
    runs: int
    rejected: int

    @property
    def share(self) -> float:
        return self.rejected / self.runs


def interval(runs: int, alpha: float, error: float = 0.001) -> tuple[int, int]:
    """Numbers of rejections that a test of level alpha has, but for a chance of `error` on each side."""
    chances = [comb(runs, k) * alpha**k * (1 - alpha) ** (runs - k) for k in range(runs + 1)]
    below = np.cumsum(chances)
    return int(np.searchsorted(below, error)), int(np.searchsorted(below, 1 - error))


def null(runs: int, *, sample: int = 40, permutations: int = 99, alpha: float = 0.05) -> list[Rate]:
    """False alarms of every test, on made-up traffic of which neither half moved."""
    rejected = dict.fromkeys(TESTS, 0)
    with threadpool_limits(1):
        for seed in range(runs):
            texts = made(2 * sample, seed)
            for found in compare(texts[:sample], texts[sample:], permutations=permutations, seed=seed):
                rejected[found.test] += found.p <= alpha
    return [Rate(test, "none", 0.0, runs, n) for test, n in rejected.items()]


def power(runs: int, *, sample: int = 60, permutations: int = 99, alpha: float = 0.05) -> Iterator[Rate]:
    """Power curves: of the tests on vectors for mean, scale and mixture, of all tests for topic."""
    with threadpool_limits(1):
        for shift, sizes in SHIFTS.items():
            for size in sizes:
                yield from _of_vectors(shift, size, runs, sample, permutations, alpha)
        for share in TOPIC_SHARES:
            yield from _of_topics(share, runs, sample, permutations, alpha)


def _of_topics(share: float, runs: int, sample: int, permutations: int, alpha: float) -> Iterator[Rate]:
    rejected = dict.fromkeys(TESTS, 0)
    for seed in range(runs):
        live = made(sample, 10_000 + seed, shift="topic", share=share)
        for found in compare(made(sample, seed), live, permutations=permutations, seed=seed):
            rejected[found.test] += found.p <= alpha
    yield from (Rate(test, "topic", share, runs, n) for test, n in rejected.items())


def _of_vectors(shift: str, size: float, runs: int, sample: int, permutations: int, alpha: float) -> Iterator[Rate]:
    rejected = dict.fromkeys(OF_VECTORS, 0)
    for seed in range(runs):
        generator = np.random.default_rng([seed, 7])
        first, second = generator.normal(size=(2, sample, DIMENSIONS))
        points = np.vstack([first, PLANTED[shift](second, size, generator)])
        labels = Labels(sample, sample, permutations, seed)
        for test, make in OF_VECTORS.items():
            rejected[test] += labels.test(make(points)).p <= alpha
    yield from (Rate(test, shift, size, runs, n) for test, n in rejected.items())


def _mixture(points: Floats, size: float, generator: np.random.Generator) -> Floats:
    apart = generator.random(len(points)) < size
    return points + 2.0 * apart[:, None]


PLANTED: dict[str, Callable[[Floats, float, np.random.Generator], Floats]] = {
    "mean": lambda points, size, generator: points + size,
    "scale": lambda points, size, generator: points * size,
    "mixture": _mixture,
}
