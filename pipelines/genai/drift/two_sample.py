"""Two-sample tests on vectors: each gives a statistic and a p-value by permutation of the labels.

Everything that does not depend on the labels is computed once, so that all permutations are one matrix product. What is
fitted (bandwidth, centres, folds) is fitted on both samples together: then a permutation test holds its level exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""Maps labels (a row each, 1 for the first sample) to statistics; more is further apart."""
CENTRES, FOLDS, RIDGE = 60, 4, 0.3
LEAST, FINE, BLOCK = 999, 10, 500
"""Permutations at least, how much finer than its level a p-value is, and how many are looked at at a time."""


@dataclass(frozen=True)
class Outcome:
    """What a test found."""

    statistic: float
    p: float


@dataclass(frozen=True)
class Labels:
    """The observed labels and permutations of them, the same ones for all tests of a comparison."""

    first: int
    second: int
    permutations: int
    seed: int

    @classmethod
    def enough(cls, first: int, second: int, tests: int, alpha: float, seed: int) -> Labels:
        """So many permutations that one of several tests can stand at its level: p is at least one by their number."""
        return cls(first, second, max(LEAST, ceil(FINE * tests / alpha)), seed)

    @property
    def observed(self) -> Floats:
        return np.concatenate([np.ones(self.first), np.zeros(self.second)])

    def blocks(self) -> Iterator[Floats]:
        """The permutations, a row each, so many at a time that memory does not grow with their number."""
        generator, observed = np.random.default_rng(self.seed), self.observed
        for begun in range(0, self.permutations, BLOCK):
            rows = min(BLOCK, self.permutations - begun)
            yield observed[np.argsort(generator.random((rows, len(observed))), axis=1)]

    def test(self, statistic: Statistic) -> Outcome:
        """The outcome: how often chance does as well as the observed labels, these included."""
        found = float(statistic(self.observed[None])[0])
        least = found - 1e-12 * max(1.0, abs(found))
        reached = sum(int((statistic(block) >= least).sum()) for block in self.blocks())
        return Outcome(found, (1 + reached) / (1 + self.permutations))


def squares(points: Floats, others: Floats) -> Floats:
    """Squared distances."""
    found: Floats = (points**2).sum(1)[:, None] + (others**2).sum(1) - 2 * points @ others.T
    return np.maximum(found, 0)


def bandwidth(distances: Floats) -> float:
    """The median heuristic."""
    return float(np.median(distances[distances > 1e-12])) if (distances > 1e-12).any() else 1.0


def mmd(points: Floats) -> Statistic:
    """Maximum mean discrepancy, unbiased, with a Gaussian kernel of the median width."""
    distances = squares(points, points)
    kernel = np.exp(-distances / bandwidth(distances))
    np.fill_diagonal(kernel, 0.0)
    total, sums = kernel.sum(), kernel.sum(0)

    def statistic(labels: Floats) -> Floats:
        n = labels.sum(1)
        m = labels.shape[1] - n
        within = ((labels @ kernel) * labels).sum(1)
        across = labels @ sums - within
        rest = total - within - 2 * across
        found: Floats = within / (n * (n - 1)) + rest / (m * (m - 1)) - 2 * across / (n * m)
        return found

    return statistic


def lsdd(points: Floats, seed: int = 0) -> Statistic:
    """Least-squares density difference: the squared distance of the two densities, estimated directly."""
    centres = points[np.random.default_rng(seed).permutation(len(points))[:CENTRES]]
    distances = squares(points, centres)
    width = bandwidth(distances)
    features = np.exp(-distances / width)
    overlap = np.exp(-squares(centres, centres) / (2 * width))
    solved = np.linalg.inv(overlap + RIDGE * np.eye(len(centres)))
    form = 2 * solved - solved @ overlap @ solved

    def statistic(labels: Floats) -> Floats:
        n = labels.sum(1, keepdims=True)
        difference = (labels / n - (1 - labels) / (labels.shape[1] - n)) @ features
        found: Floats = ((difference @ form) * difference).sum(1)
        return found

    return statistic


def classifier(points: Floats, seed: int = 0) -> Statistic:
    """A learned kernel: a ridge classifier on Gaussian features, judged on the folds that it did not learn from.

    Its predictions are linear in the labels, so that each fold's fit is one matrix for all permutations.
    """
    generator = np.random.default_rng(seed)
    centres = points[generator.permutation(len(points))[:CENTRES]]
    distances = squares(points, centres)
    features = np.hstack([np.exp(-distances / bandwidth(distances)), points / max(1e-12, float(points.std()))])
    features = (features - features.mean(0)) / (features.std(0) + 1e-9)
    folds = generator.permutation(len(points)) % FOLDS
    hat = np.zeros((len(points), len(points)))
    for fold in range(FOLDS):
        inside, outside = folds == fold, folds != fold
        learned = features[outside]
        gram = learned.T @ learned + RIDGE * len(learned) * np.eye(features.shape[1])
        hat[np.ix_(inside, outside)] = features[inside] @ np.linalg.solve(gram, learned.T)

    def statistic(labels: Floats) -> Floats:
        centred = labels - labels.mean(1, keepdims=True)
        predicted = centred @ hat.T
        found: Floats = (predicted * centred).sum(1) / labels.shape[1]
        return found

    return statistic
