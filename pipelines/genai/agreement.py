"""Can the judge be believed? Its scores against people's on the same answers, and what else moves it.

Kappa is weighted and corrected for chance. A judge goes by the place where it prefers what stands first in both orders,
and by the length where it prefers an answer that only says the same twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from pipelines.genai.golden import Item
from pipelines.genai.judging import PROBES, Judge, Unreadable
from pipelines.genai.review import HumanRating

LEAST = 20


@dataclass(frozen=True)
class Calibration:
    """What was found about a judge. `kappa` is None where fewer than 20 answers were rated."""

    kappa: float | None
    answers: int
    raters: int
    between_raters: float | None
    by_place: float
    by_length: float
    unread: int

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def calibrate(judge: Judge, items: Sequence[Item], ratings: Sequence[HumanRating]) -> Calibration:
    """Ask the judge about the answers that people rated, and about pairs in which nothing is better."""
    known = {item.id: item for item in items}
    said: dict[tuple[str, str], list[int]] = defaultdict(list)
    for rating in ratings:
        if rating.id in known:
            said[rating.id, rating.answer].append(rating.score)
    mine, theirs, unread = [], [], 0
    for (id_, answer), scores in said.items():
        try:
            mine.append(judge.rate(known[id_].question, known[id_].reference, _plain(answer)).score)
            theirs.append(round(float(np.mean(scores))))
        except Unreadable:
            unread += 1
    place, length, lost = _biases(judge, items)
    return Calibration(
        kappa=kappa(mine, theirs) if len(mine) >= LEAST else None,
        answers=len(mine),
        raters=len({rating.rater for rating in ratings}),
        between_raters=_between(ratings),
        by_place=place,
        by_length=length,
        unread=unread + lost,
    )


def kappa(first: Sequence[int], second: Sequence[int], *, levels: int = 5) -> float:
    """Cohen's kappa with quadratic weights: 1 is agreement, 0 is what chance gives."""
    table = np.zeros((levels, levels))
    np.add.at(table, (np.asarray(first) - 1, np.asarray(second) - 1), 1)
    table /= table.sum()
    steps = np.arange(levels)
    weight = (steps[:, None] - steps) ** 2
    expected = (weight * np.outer(table.sum(1), table.sum(0))).sum()
    return float(1 - (weight * table).sum() / expected) if expected else 1.0


def _biases(judge: Judge, items: Sequence[Item]) -> tuple[float, float, int]:
    """The shares of duels between equals that the first place wins, and that the longer answer wins; and the unread."""
    place, longer, asked, unread = 0, 0, 0, 0
    for item in items[:PROBES]:
        twice = f"{item.reference} To say it once more: {item.reference}"
        try:
            duel = judge.duel(item.question, item.reference, twice, item.reference)
        except Unreadable:
            unread += 1
            continue
        asked += 1
        place += duel.by_place
        longer += duel.score == 1
    return place / max(1, asked), longer / max(1, asked), unread


def _between(ratings: Iterable[HumanRating]) -> float | None:
    """Kappa of people among each other, over the answers that two of them rated."""
    said: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for rating in ratings:
        said[rating.id, rating.answer][rating.rater] = rating.score
    pairs = [pair for scores in said.values() for pair in combinations(_sorted(scores), 2)]
    return kappa([a for a, _ in pairs], [b for _, b in pairs]) if len(pairs) >= LEAST else None


def _sorted(scores: Mapping[str, int]) -> list[int]:
    return [scores[rater] for rater in sorted(scores)]


def _plain(answer: str) -> str:
    from pipelines.genai.metrics import CITATION

    return CITATION.sub("", answer).strip()
