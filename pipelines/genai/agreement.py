"""Does the judge agree with people? Weighted kappa between its scores and those of raters on the same answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from pipelines.genai.evaluation import JUDGED, Run
from settings.values import Model

LEAST = 20


class HumanRating(Model):
    """What a person said about the answer to an item, from 1 to 5."""

    id: str
    rater: Annotated[str, Field(min_length=1)]
    score: Annotated[int, Field(ge=1, le=5)]
    correction: str = ""


def kappa(first: Sequence[int], second: Sequence[int], *, levels: int = 5) -> float:
    """Cohen's kappa with quadratic weights: 1 is agreement, 0 is what chance gives."""
    table = np.zeros((levels, levels))
    np.add.at(table, (np.asarray(first) - 1, np.asarray(second) - 1), 1)
    table /= table.sum()
    steps = np.arange(levels)
    weight = (steps[:, None] - steps) ** 2
    expected = (weight * np.outer(table.sum(1), table.sum(0))).sum()
    return float(1 - (weight * table).sum() / expected) if expected else 1.0


def agreement(run: Run, ratings: Iterable[HumanRating]) -> float | None:
    """Kappa between the judge and the mean of the raters; None where fewer than 20 items were rated by both."""
    said: dict[str, list[int]] = defaultdict(list)
    for rating in ratings:
        said[rating.id].append(rating.score)
    both = {one.id: one.scores[JUDGED] for one in run.items if JUDGED in one.scores and one.id in said}
    if len(both) < LEAST:
        return None
    judge = [round(1 + 4 * score) for score in both.values()]
    return kappa(judge, [round(float(np.mean(said[id_]))) for id_ in both])
