"""Two runs answer by answer: which one the judge prefers, whether it went by the place, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from operations.evaluations import Desk
from operations.outcome import OperationFailed
from pipelines.genai import gating
from pipelines.genai.evaluation import Run
from pipelines.genai.judging import Duel, Unreadable
from pipelines.genai.vertex.autosxs import AutoSxS, Pair
from settings.problems import InvalidSettings, Problem

RESAMPLES, LOST = 2000, 5


@dataclass(frozen=True)
class Fought:
    """The duels of two runs by item, who judged them, and how many could not be read."""

    by: str
    duels: dict[str, Duel]
    unread: int

    @property
    def scores(self) -> list[float]:
        """1 for each item that the first run wins in both orders, 0 for one that it loses in both."""
        return [duel.score for duel in self.duels.values()]


def fought(desk: Desk, now: Run, then: Run, *, autosxs: bool = False) -> Fought:
    """Every item that both runs answered and that has a reference. Raises InvalidSettings where nothing compares."""
    gating.comparable(now, then)
    before = {one.id: one.answer for one in then.items if not one.repeat}
    pairs = [
        Pair(one.id, one.question, one.reference, one.answer, before[one.id])
        for one in now.items
        if not one.repeat and one.reference and one.id in before
    ]
    if autosxs:
        found = _service(desk).duels(pairs)
        return _whole(Fought(f"AutoSxS, {desk.writer.label}", found, len(pairs) - len(found)))
    judged: dict[str, Duel] = {}
    for pair in pairs:
        try:
            judged[pair.id] = desk.evaluation.judge.duel(pair.question, pair.reference, pair.first, pair.second)
        except Unreadable:
            continue
    return _whole(Fought(desk.evaluation.judge.label, judged, len(pairs) - len(judged)))


def told(it: Fought) -> Iterator[str]:
    """The outcome, a line each; the duels that were lost with their reasons."""
    scores = np.array(it.scores)
    drawn = np.random.default_rng(0).choice(scores, (RESAMPLES, len(scores))).mean(1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    won, lost = int((scores == 1).sum()), int((scores == 0).sum())
    yield f"{won} won, {lost} lost, {len(scores) - won - lost} drawn of {len(scores)}; {it.unread} could not be read"
    yield f"preferred {scores.mean():.3f} ({low:.3f} to {high:.3f}; 0.5 is a draw)"
    places = [duel.by_place for duel in it.duels.values()]
    yield f"the judge went by the place in {sum(places)} of {len(places)}"
    for id_ in [id_ for id_, duel in it.duels.items() if duel.score == 0][:LOST]:
        yield f"lost {id_}: {it.duels[id_].forward.reason}"


def _whole(found: Fought) -> Fought:
    if not found.duels:
        raise InvalidSettings([Problem("duel", "no answer was compared", "see whether both runs answered items")])
    return found


def _service(desk: Desk) -> AutoSxS:
    if desk.place is None:
        raise OperationFailed("--autosxs", "is a service of Vertex AI", "add --models sandbox or --models google")
    return AutoSxS(desk.place)
