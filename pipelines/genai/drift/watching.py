"""Continuous evaluation: a sample of live answers is scored and held against the run of the release.

Where a live question has the words of a golden one, the judge has that reference; every answer has to rest on the
passages that were retrieved for it. The released answers are scored in the same way. A metric has decayed where it fell
by more than a margin and not by chance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from pipelines.genai import gating, lines
from pipelines.genai.corrections import GOOD
from pipelines.genai.drift.lab import Embed, holm
from pipelines.genai.drift.traffic import Logged
from pipelines.genai.drift.two_sample import Floats, Labels
from pipelines.genai.embedding import content_words
from pipelines.genai.evaluation import Evaluation, Run
from pipelines.genai.functions import mask_personal_data
from pipelines.genai.golden import Item
from pipelines.genai.judging import Unreadable
from pipelines.genai.metrics import CITATION
from pipelines.genai.review import HumanRating
from pipelines.genai.scoring import JUDGED
from settings.values import Model

SAME, FAR, LEAST = 0.6, 0.35, 20
Text = TypeVar("Text")


@dataclass(frozen=True)
class Watched:
    """A live answer with its scores, and how near its question is to the nearest golden one."""

    logged: Logged
    scores: Mapping[str, float]
    nearness: float


@dataclass(frozen=True)
class Decay:
    """How a metric of live answers stands against the release."""

    metric: str
    answers: int
    released: float
    live: float
    p: float
    decayed: bool


class Proposed(Model):
    """A live question that the golden set lacks. It is no item before a person has written a reference for it."""

    question: str
    answer: str
    why: str
    day: str
    state: Literal["proposed", "accepted", "rejected"] = "proposed"
    decided_by: str = ""
    decided_on: str = ""

    @property
    def id(self) -> str:
        """By what people name it."""
        return lines.digest(self.question)[:12]


def sample(traffic: Sequence[Text], size: int, seed: int) -> list[Text]:
    """The lines of a log that are looked at: drawn by the seed, every one as likely as any other."""
    chosen = np.random.default_rng(seed).permutation(len(traffic))[:size]
    return [traffic[number] for number in sorted(chosen)]


def watch(evaluation: Evaluation, traffic: Sequence[Logged], embed: Embed) -> Iterator[Watched]:
    """Every answer with its scores."""
    items = evaluation.golden.items
    vectors = embed([*(item.question for item in items), *(one.question for one in traffic)])
    nearness = vectors[len(items) :] @ vectors[: len(items)].T
    about = [set(content_words(item.question)) for item in items]
    for one, row in zip(traffic, nearness, strict=True):
        asked = set(content_words(one.question))
        shared = [len(asked & words) / max(1, len(asked | words)) for words in about]
        best = int(np.argmax(shared))
        nearest = items[best] if shared[best] >= SAME else None
        yield Watched(one, _scores(evaluation, one, nearest), max(float(row.max()), shared[best]))


def decays(
    watched: Sequence[Watched], before: Mapping[str, Sequence[float]], *, margin: float, alpha: float, seed: int = 0
) -> list[Decay]:
    """Every metric of which there is enough now and `before`, at one level for all of them."""
    pairs: dict[str, tuple[Floats, Floats]] = {}
    for metric in sorted({metric for one in watched for metric in one.scores}):
        live = np.array([one.scores[metric] for one in watched if metric in one.scores])
        known = np.array(before.get(metric, []))
        if len(live) >= LEAST and len(known) >= LEAST:
            pairs[metric] = known, live
    p = {
        metric: Labels.enough(len(known), len(live), len(pairs), alpha, seed)
        .test(_fallen(np.concatenate([known, live])))
        .p
        for metric, (known, live) in pairs.items()
    }
    standing = holm(p, alpha)
    return [
        Decay(m, len(live), known.mean(), live.mean(), p[m], m in standing and known.mean() - live.mean() > margin)
        for m, (known, live) in pairs.items()
    ]


def released_scores(
    evaluation: Evaluation, released: Run, ratings: Iterable[HumanRating]
) -> dict[str, Sequence[float]]:
    """What live answers are held against: the released answers scored in the same way, and what people said of them.

    Judgements of another judge than the one that looks at live answers are left out.
    """
    passages = {
        p.id: {"id": p.id, "text": p.text} for index in evaluation.chain.indexes.values() for p in index.passages
    }
    found: dict[str, list[float]] = defaultdict(list)
    for one in released.items:
        if one.reference and not one.synthetic and all(id_ in passages for id_ in one.passages):
            shown = [passages[id_] for id_ in one.passages]
            logged = Logged(question=one.question, answer=one.answer, passages=shown)
            for metric, score in _alone(evaluation, logged).items():
                found[metric].append(score)
    found["liked"] = [float(rating.score >= GOOD) for rating in ratings]
    if released.label == evaluation.judge.writer.label:
        found[JUDGED] = list(gating.means(released, JUDGED).values())
    return dict(found)


def proposed(watched: Sequence[Watched]) -> list[Proposed]:
    """Questions that nothing in the golden set is like, the farthest first, then those that were answered worst."""
    far = sorted((one for one in watched if one.nearness < FAR), key=lambda one: one.nearness)
    bad = [one for one in watched if one.nearness >= FAR and min(one.scores.values(), default=1) < 0.5]
    why = [*((one, f"nothing in the set is like it ({one.nearness:.2f})") for one in far)]
    why += [(one, f"was answered badly ({_worst(one)})") for one in bad]
    kept = {mask_personal_data(one.logged.question): (one.logged, reason) for one, reason in reversed(why)}
    return [
        Proposed(question=question, answer=mask_personal_data(logged.answer), why=reason, day=logged.day)
        for question, (logged, reason) in reversed(kept.items())
    ]


def _scores(evaluation: Evaluation, one: Logged, nearest: Item | None) -> dict[str, float]:
    scores = _alone(evaluation, one)
    if one.feedback is not None:
        scores["liked"] = float(one.feedback)
    if nearest is not None:
        with suppress(Unreadable):
            plain = CITATION.sub("", one.answer).strip()
            scores[JUDGED] = evaluation.judge.rate(one.question, nearest.reference, plain).share
    return scores


def _alone(evaluation: Evaluation, one: Logged) -> dict[str, float]:
    """The scores of an answer for which no reference is needed."""
    plain = CITATION.sub("", one.answer).strip()
    scores = {"answered": float(bool(plain))}
    if one.passages and plain and plain != evaluation.refusal:
        scores["grounded"] = _grounded(plain, one.passages)
        known = {passage["id"] for passage in one.passages}
        named = CITATION.findall(one.answer)
        scores["cites_retrieved"] = float(bool(named) and all(name in known for name in named))
    return scores


def _grounded(plain: str, passages: Sequence[Mapping[str, str]]) -> float:
    """The share of what an answer says that its passages say."""
    said = set(content_words(plain))
    backed = set(content_words(" ".join(passage["text"] for passage in passages)))
    return len(said & backed) / max(1, len(said))


def _fallen(scores: Floats) -> Callable[[Floats], Floats]:
    """How much lower the second sample is."""

    def statistic(labels: Floats) -> Floats:
        n = labels.sum(1)
        found: Floats = labels @ scores / n - (1 - labels) @ scores / (labels.shape[1] - n)
        return found

    return statistic


def _worst(one: Watched) -> str:
    metric = min(one.scores, key=lambda name: one.scores[name])
    return f"{metric} {one.scores[metric]:.2f}"
