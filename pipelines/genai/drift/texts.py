"""Two-sample tests on texts that name what moved: vocabulary, length, topic, token cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.genai.drift.two_sample import Floats, Statistic, squares
from pipelines.genai.embedding import content_words

MOST_WORDS, TOPICS, ROUNDS, STARTS = 400, 12, 10, 3


def _shares(labels: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """The distribution of counts in each of the two samples, for every row of labels."""
    first, second = labels @ counts, (1 - labels) @ counts
    return first / np.maximum(1, first.sum(1, keepdims=True)), second / np.maximum(1, second.sum(1, keepdims=True))


def _divergence(first: Floats, second: Floats) -> Floats:
    """Jensen-Shannon divergence of rows."""
    middle = (first + second) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = (np.where(p > 0, p * np.log2(p / middle), 0).sum(1) for p in (first, second))
        found: Floats = sum(parts, np.zeros(len(first))) / 2
    return found


def vocabulary(texts: Sequence[str]) -> Statistic:
    """Which words are used how often, by Jensen-Shannon divergence."""
    counted = [Counter(content_words(text)) for text in texts]
    total: Counter[str] = sum(counted, Counter())
    words = [word for word, _ in sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_WORDS]]
    counts = np.array([[one[word] for word in words] for one in counted], dtype=np.float64).reshape(
        len(texts), len(words)
    )
    return lambda labels: _divergence(*_shares(labels, counts))


def length(texts: Sequence[str]) -> Statistic:
    """How long texts are, by the largest gap between the two cumulative distributions."""
    sizes = np.array([len(text.split()) for text in texts])
    order = np.argsort(sizes, kind="stable")
    last_of_its_size = np.flatnonzero(np.diff(sizes[order], append=sizes.max(initial=0) + 1))

    def statistic(labels: Floats) -> Floats:
        ordered = labels[:, order]
        first = ordered.cumsum(1)[:, last_of_its_size] / ordered.sum(1, keepdims=True)
        second = (1 - ordered).cumsum(1)[:, last_of_its_size] / (1 - ordered).sum(1, keepdims=True)
        found: Floats = np.abs(first - second).max(1)
        return found

    return statistic


def topic(vectors: Floats) -> Statistic:
    """What texts are about: the shares of clusters, by Jensen-Shannon divergence."""
    groups = clusters(vectors)
    counts = np.eye(groups.max() + 1)[groups]
    return lambda labels: _divergence(*_shares(labels, counts))


def tokens(texts: Sequence[str]) -> Statistic:
    """What texts cost to read: the difference of the mean number of tokens, taken as a quarter of the characters."""
    sizes = np.array([len(text) / 4 for text in texts])

    def statistic(labels: Floats) -> Floats:
        n = labels.sum(1)
        found: Floats = np.abs(labels @ sizes / n - (1 - labels) @ sizes / (labels.shape[1] - n))
        return found

    return statistic


def clusters(vectors: Floats) -> NDArray[np.intp]:
    """The cluster of each vector: the best of a few k-means, the same on every run."""
    generator = np.random.default_rng(0)
    return min((_clustered(vectors, generator) for _ in range(STARTS)), key=lambda found: found[1])[0]


def _clustered(vectors: Floats, generator: np.random.Generator) -> tuple[NDArray[np.intp], float]:
    """The clusters that a drawn beginning leads to, and how far the vectors lie from their middles."""
    middle = vectors[generator.permutation(len(vectors))[:TOPICS]]
    for _ in range(ROUNDS):
        inside = np.eye(len(middle))[squares(vectors, middle).argmin(1)]
        sizes = inside.sum(0)[:, None]
        middle = np.where(sizes > 0, inside.T @ vectors / np.maximum(1, sizes), middle)
    distances = squares(vectors, middle)
    return distances.argmin(1), float(distances.min(1).sum())
