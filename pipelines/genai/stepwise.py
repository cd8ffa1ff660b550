"""Each step of a chain by itself: how long it takes, and how good what it gives is; where an answer is lost is seen.

A retrieval is held to the evidence; a prompt, and every step after it that gives a text, to the reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from pipelines.genai.evaluation import Evaluation, Run
from pipelines.genai.golden import Attack, Item
from pipelines.genai.metrics import Answered, Metric, f1, recall_at_k

Kept = list[tuple[Item | Attack, dict[str, Any]]]


@dataclass(frozen=True)
class StepScore:
    """One step over all items of a run; without a metric where nothing is known that it should give."""

    step: str
    component: str
    items: int
    milliseconds: float
    metric: str
    score: float | None


def stepwise(evaluation: Evaluation, run: Run) -> Iterator[StepScore]:
    """Every step, in order. A run that was kept without its steps has none."""
    texts = {p.id: {"id": p.id, "text": p.text} for index in evaluation.chain.indexes.values() for p in index.passages}
    items = {item.id: item for item in evaluation.items()}
    answered = False
    for name, step in evaluation.chain.it.steps.items():
        kind, component = step.component
        answered = answered or kind == "prompt"
        metric: Metric | None = recall_at_k if kind == "index" else f1 if answered else None
        kept: Kept = [(items[one.id], told) for one in run.items for told in one.steps if told["name"] == name]
        if kept:
            scores = list(_scores(metric, kept, texts)) if metric else []
            took = fmean(told["milliseconds"] for _, told in kept)
            title = metric.__name__ if metric and scores else ""
            yield StepScore(name, f"{kind}:{component}", len(kept), took, title, fmean(scores) if scores else None)


def _scores(metric: Metric, kept: Kept, texts: Mapping[str, Mapping[str, Any]]) -> Iterator[float]:
    for item, told in kept:
        output = told["output"]
        passages: Sequence[Mapping[str, Any]] = [texts[id_] for id_ in output] if isinstance(output, list) else []
        score = metric(Answered(item, "" if passages else str(output), passages, 0.0, 0, ""))
        if score is not None:
            yield score
