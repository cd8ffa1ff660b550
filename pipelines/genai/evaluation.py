"""An evaluation run: every item of a golden set through the chain, scored, written down as soon as it is finished.

The run's key is the hash of everything that decides its result. A run that was stopped goes on where it stopped; one
that is finished is read and not repeated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import PositiveInt, TypeAdapter

from pipelines.genai import chain as chains
from pipelines.genai import lines
from pipelines.genai.assets import Assets
from pipelines.genai.chain import Chain
from pipelines.genai.golden import Attack, GoldenSet, Item, Split
from pipelines.genai.judging import Judge, Unreadable
from pipelines.genai.metrics import METRICS, Answered
from pipelines.genai.tracing import Span
from pipelines.genai.vertex.place import Place
from pipelines.genai.vertex.service_judge import ServiceJudge
from pipelines.genai.writer import Writer
from settings.loading import parse, read_yaml
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import Email, Model

JUDGED = "judged"
COST = "cost"


class Specification(Model):
    """`evaluations/<name>/evaluation.yaml`."""

    title: str
    owner: Email
    chain: str
    golden: str
    splits: list[Split]
    adversarial: bool
    metrics: list[str]
    judge: str
    preference: str
    autorater: Literal["prompt", "service"] = "prompt"
    repeats: PositiveInt = 1
    release_on: list[str]


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


@dataclass(frozen=True)
class Evaluation:
    """What is measured on what, with everything resolved."""

    name: str
    it: Specification
    chain: Chain
    golden: GoldenSet
    judge: Judge
    prices: dict[str, tuple[float, float]] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """The hash of metrics, method and data; runs are compared only where it is the same."""
        return self.versioned(self.judge.writer.label)

    def versioned(self, label: str) -> str:
        """The version where `label` answers and judges."""
        asked = self.it.model_dump(mode="json", exclude={"title", "owner", "chain", "release_on"})
        judge = [self.judge.rate_prompt.version, self.judge.prefer_prompt.version, label]
        return lines.digest({**asked, "content": self.golden.content, "judged_by": judge, "prices": self.prices})

    def items(self) -> Iterator[Item | Attack]:
        """What is asked, in order."""
        for split in self.it.splits:
            yield from self.golden.split(split)
        if self.it.adversarial:
            yield from self.golden.attacks

    @property
    def refusal(self) -> str:
        """What the chain says where it has no answer."""
        values = [p.it.inputs["refusal"].value for p in self.chain.prompts.values() if "refusal" in p.it.inputs]
        return str(values[0]) if values else ""

    def key(self, writer: Writer) -> str:
        """The key of the run with a writer."""
        return lines.digest([self.version, self.chain.version, writer.label])

    def estimate(self) -> int:
        """Words that a run sends at least: what a budget is compared with before anything is sent."""
        passages = max(len(p.text.split()) for index in self.chain.indexes.values() for p in index.passages)
        each = sum(len(p.template.split()) for p in self.chain.prompts.values()) + 3 * passages
        return each * self.it.repeats * sum(1 for _ in self.items())


@dataclass(frozen=True)
class Run:
    """A finished run."""

    key: str
    evaluation: str
    chain: str
    chain_version: str
    label: str
    components: dict[str, dict[str, Any]]
    items: tuple[Scored, ...]


def read(
    assets: Assets,
    name: str,
    writer: Writer,
    prices: dict[str, tuple[float, float]] | None = None,
    vertex: Place | None = None,
) -> Evaluation:
    """The evaluation of a name. `writer` judges, or at Vertex AI the evaluation service where that is asked for."""
    place = f"evaluations/{name}/evaluation.yaml"
    path = assets.path("evaluations", name, "evaluation.yaml") / "evaluation.yaml"
    it: Specification = parse(TypeAdapter(Specification), read_yaml(path, place), place)
    known = {*METRICS, JUDGED, COST}
    problems = [
        Problem(
            f"{place}.metrics",
            f"no metric '{metric}'",
            suggestion(metric, known, f"choose of {', '.join(sorted(known))}"),
        )
        for metric in it.metrics
        if metric not in known
    ]
    golden = assets.golden(it.golden)
    problems += golden.unsealed()
    if problems:
        raise InvalidSettings(problems)
    rubrics = assets.prompt(it.judge), assets.prompt(it.preference)
    service = vertex is not None and it.autorater == "service"
    judge = ServiceJudge(*rubrics, writer, vertex) if vertex and service else Judge(*rubrics, writer)
    return Evaluation(name, it, chains.read(assets, it.chain), golden, judge, prices or {})


def run(
    evaluation: Evaluation, writer: Writer, folder: Path, *, told: Callable[[int, int], None] = lambda done, of: None
) -> Run:
    """The run, finished. `folder` holds one folder a run; a model that fails leaves there what was finished."""
    key = evaluation.key(writer)
    place = folder / key[:16]
    place.mkdir(parents=True, exist_ok=True)
    for index in evaluation.chain.indexes.values():
        index.ready()
    journal = place / "items.jsonl"
    done = {(one.id, one.repeat): one for one in _finished(journal)}
    wanted = [(item, repeat) for item in evaluation.items() for repeat in range(evaluation.it.repeats)]
    with journal.open("a", encoding="utf-8") as file:
        for number, (item, repeat) in enumerate(wanted, 1):
            if (item.id, repeat) not in done:
                scored = _scored(evaluation, writer, item, repeat, f"{key} {item.id} {repeat}")
                done[item.id, repeat] = scored
                file.write(lines.written([scored]))
                file.flush()
            told(number, len(wanted))
    found = _run(evaluation, writer, [done[item.id, repeat] for item, repeat in wanted])
    record = {name: value for name, value in asdict(found).items() if name != "items"}
    (place / "run.json").write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return found


def load(place: Path) -> Run:
    """A finished run, from the folder that it was written to."""
    if not (place / "run.json").exists():
        raise InvalidSettings([Problem(str(place), "holds no finished run", "run 'blueprint eval run'")])
    record = json.loads(lines.text(place / "run.json"))
    return Run(**record, items=tuple(lines.records(place / "items.jsonl", Scored)))


def _run(evaluation: Evaluation, writer: Writer, items: Iterable[Scored]) -> Run:
    components = {
        name.partition("@")[0]: {"version": p.version, **p.content} for name, p in evaluation.chain.prompts.items()
    }
    return Run(
        evaluation.key(writer), evaluation.version, evaluation.chain.name, evaluation.chain.version, writer.label,
        components, tuple(items),
    )  # fmt: skip


def _finished(journal: Path) -> list[Scored]:
    """What a run before wrote down. A last line that it did not finish is cut off."""
    if not journal.exists():
        return []
    content = journal.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        journal.write_bytes(whole)
    return lines.records(journal, Scored)


def _scored(evaluation: Evaluation, writer: Writer, item: Item | Attack, repeat: int, trace: str) -> Scored:
    answer, spans = evaluation.chain.run({"question": item.question}, writer, trace=trace)
    passages: list[dict[str, Any]] = next((span.output for span in spans if span.component.startswith("index:")), [])
    words = sum(span.facts.get("input_tokens", 0) + span.facts.get("output_tokens", 0) for span in spans)
    answered = Answered(item, str(answer), passages, sum(s.milliseconds for s in spans), words, evaluation.refusal)
    scores = {m: v for m in evaluation.it.metrics if m in METRICS and (v := METRICS[m](answered)) is not None}
    scores |= _cost(evaluation, spans)
    reason, error = "", ""
    if isinstance(item, Item) and JUDGED in evaluation.it.metrics:
        try:
            rating = evaluation.judge.rate(item.question, item.reference, answered.plain)
            scores[JUDGED], reason = rating.share, rating.reason
        except Unreadable as told:
            error = str(told)
    kinds = {"topic": item.topic, "kind": item.kind} if isinstance(item, Item) else {"attack": str(item.attack)}
    return Scored(
        id=item.id, repeat=repeat, question=item.question, reference=item.reference if isinstance(item, Item) else "",
        answer=answered.answer, slices=kinds, synthetic=isinstance(item, Item) and item.synthetic is not None,
        passages=[p["id"] for p in passages], steps=[_step(span) for span in spans], scores=scores,
        reason=reason, judge_error=error,
    )  # fmt: skip


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
