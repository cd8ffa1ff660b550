"""TF-IDF reduced by SVD: the local stand-in for an embedding model. Numpy only, the same vectors on every run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WORD = re.compile(r"[a-z0-9]+")
MOST_TERMS = 4000
ENDINGS = ("ation", "ing", "ies", "ied", "ed", "es", "s", "e", "y")
IDLE = frozenset(
    WORD.findall(
        "a an and are as at be by can do does for from get has have how i if in is it long many may me much my no of "
        "on we or our so that the their them there this to until was what when where which who whose will with you your"
    )
)


@lru_cache(1 << 16)
def stem(word: str) -> str:
    """A word without its commonest endings; enough for a handbook."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def content_words(text: str) -> list[str]:
    """What a text is about: stems of its words without the idle ones, in order."""
    return [stem(word) for word in WORD.findall(text.lower()) if word not in IDLE]


class Embedding:
    """Fitted on texts; maps any text to a unit vector, and one without a known word to zero."""

    name = "tfidf-svd"

    def __init__(self, texts: Sequence[str], dimensions: int) -> None:
        counted = [_terms(text) for text in texts]
        documents = Counter(term for terms in counted for term in terms)
        common = sorted(documents, key=lambda term: (-documents[term], term))[:MOST_TERMS]
        self._place = {term: number for number, term in enumerate(sorted(common))}
        frequency = np.array([documents[term] for term in self._place], dtype=np.float64)
        self._rarity = np.log((1 + len(texts)) / (1 + frequency)) + 1
        matrix = self._weighted(counted)
        self._axes = _axes(matrix, max(1, min(dimensions, len(texts) - 1)))

    def __call__(self, texts: Sequence[str]) -> Floats:
        """One vector for each text."""
        return _unit(self._weighted([_terms(text) for text in texts]) @ self._axes)

    def _weighted(self, counted: Sequence[Counter[str]]) -> Floats:
        matrix = np.zeros((len(counted), len(self._place)))
        for row, terms in enumerate(counted):
            for term, times in terms.items():
                if term in self._place:
                    matrix[row, self._place[term]] = 1 + np.log(times)
        return _unit(matrix * self._rarity)


def _terms(text: str) -> Counter[str]:
    words = content_words(text)
    return Counter([*words, *(f"{a} {b}" for a, b in pairwise(words))])


def _unit(matrix: Floats) -> Floats:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    found: Floats = np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 1e-12)
    return found


def _axes(matrix: Floats, dimensions: int) -> Floats:
    """The leading right singular vectors, by way of the smaller of the two products."""
    if matrix.shape[0] <= matrix.shape[1]:
        values, vectors = np.linalg.eigh(matrix @ matrix.T)
        kept = np.flatnonzero(values > 1e-10)[::-1][:dimensions]
        axes: Floats = matrix.T @ vectors[:, kept] / np.sqrt(values[kept])
    else:
        axes = np.linalg.eigh(matrix.T @ matrix)[1][:, ::-1][:, :dimensions]
    return axes
