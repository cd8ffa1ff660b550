"""One item of a run: asked, traced, scored, and kept as a line of the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pipelines.genai.golden import Attack, Item
from pipelines.genai.judging import Unreadable
from pipelines.genai.metrics import METRICS, Answered
from pipelines.genai.tracing import Span
from pipelines.genai.writer import Writer
from settings.values import Model

if TYPE_CHECKING:
    from pipelines.genai.evaluation import Evaluation

JUDGED = "judged"
COST = "cost"


class Scored(Model):
    """One item of a run, with its repeat, as it is written down."""

    id: str
    repeat: int
    question: str
    reference: str = ""
    answer: str
    slices: dict[str, str]
    synthetic: bool = False
    passages: list[str]
    steps: list[dict[str, Any]]
    scores: dict[str, float]
    reason: str = ""
    judge_error: str = ""
    judge_version: str = ""

    @property
    def tokens(self) -> int:
        """What the models of its steps read and wrote; of a release, which is kept without steps, its metric."""
        return spent(step["facts"] for step in self.steps) or int(self.scores.get("tokens", 0))


def scored(evaluation: Evaluation, writer: Writer, item: Item | Attack, repeat: int, trace: str) -> Scored:
    """The answer to an item, its steps and its scores. A judgement that cannot be read is no score."""
    answer, spans = evaluation.chain.run({"question": item.question}, writer, trace=trace)
    passages = retrieved(spans)
    words = spent(span.facts for span in spans)
    answered = Answered(item, str(answer), passages, sum(s.milliseconds for s in spans), words, evaluation.refusal)
    scores = {m: v for m in evaluation.it.metrics if m in METRICS and (v := METRICS[m](answered)) is not None}
    scores |= _cost(evaluation, spans)
    reason, error, version = "", "", ""
    if isinstance(item, Item) and JUDGED in evaluation.it.metrics:
        try:
            rating = evaluation.judge.rate(item.question, item.reference, answered.plain)
            scores[JUDGED], reason, version = rating.share, rating.reason, rating.judge_version
        except Unreadable as told:
            error = str(told)
    kinds = {"topic": item.topic, "kind": item.kind} if isinstance(item, Item) else {"attack": str(item.attack)}
    return Scored(
        id=item.id, repeat=repeat, question=item.question, reference=item.reference if isinstance(item, Item) else "",
        answer=answered.answer, slices=kinds, synthetic=isinstance(item, Item) and item.synthetic is not None,
        passages=[p["id"] for p in passages], steps=[_step(span) for span in spans], scores=scores,
        reason=reason, judge_error=error, judge_version=version,
    )  # fmt: skip


def spent(facts: Iterable[Mapping[str, Any]]) -> int:
    """The tokens that steps took, by what was told about each."""
    return sum(one.get("input_tokens", 0) + one.get("output_tokens", 0) for one in facts)


def retrieved(spans: Iterable[Span]) -> list[dict[str, Any]]:
    """The passages that the chain's first retrieval found."""
    return next((span.output for span in spans if span.component.startswith("index:")), [])


def _step(span: Span) -> dict[str, Any]:
    """A step as it is kept: texts of passages stand in the index and are not repeated."""
    plain = {"name": span.name, "component": span.component, "trace": span.trace_id, "span": span.span_id}
    given = {key: _kept(value) for key, value in span.input.items()}
    took = round(span.milliseconds, 3)
    return {**plain, "input": given, "output": _kept(span.output), "milliseconds": took, "facts": span.facts}


def _kept(value: Any) -> Any:
    return [passage["id"] for passage in value] if isinstance(value, list) else value


def _cost(evaluation: Evaluation, spans: Iterable[Span]) -> dict[str, float]:
    """What the model calls cost, where the installation has written down the prices of their models."""
    if COST not in evaluation.it.metrics:
        return {}
    total = 0.0
    for span in spans:
        if "input_tokens" in span.facts:
            price = evaluation.prices.get(span.facts["model_version"])
            if price is None:
                return {}
            total += (span.facts["input_tokens"] * price[0] + span.facts["output_tokens"] * price[1]) / 1e6
    return {COST: total}
