"""An evaluation run: every item of a golden set through the chain, scored, written down as soon as it is finished.

The run's key is the hash of everything that decides its result. A run that was stopped goes on where it stopped; one
that is finished is read and not repeated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt, TypeAdapter

from pipelines.genai import cards, journal, lines
from pipelines.genai import chain as chains
from pipelines.genai.assets import Assets
from pipelines.genai.cards import Card
from pipelines.genai.chain import Chain
from pipelines.genai.golden import Attack, GoldenSet, Item, Split
from pipelines.genai.journal import Kept, Row
from pipelines.genai.judging import PROBES, Judge
from pipelines.genai.metrics import METRICS
from pipelines.genai.prompt import Prompt
from pipelines.genai.scoring import COST, JUDGED, Scored, scored
from pipelines.genai.vertex.place import Place
from pipelines.genai.vertex.service_judge import ServiceJudge, unheard
from pipelines.genai.writer import Writer
from settings.loading import parse, read_yaml
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import Email, Model
from settings.writing import alone, write

ITEMS, RECORD = "items.jsonl", "run.json"
Price = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=False)]
Prices = dict[str, Annotated[tuple[Price, Price], Field(strict=False)]]
"""What a million tokens cost, in and out, by model."""


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
    ranked_by: list[str]


@dataclass(frozen=True)
class Evaluation:
    """What is measured on what, with everything resolved."""

    name: str
    it: Specification
    chain: Chain
    golden: GoldenSet
    judge: Judge
    cards: dict[str, Card]
    prices: Prices = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """The hash of metrics, method and data; runs are compared only where it is the same."""
        return self.versioned(self.judge.writer.label)

    def versioned(self, label: str) -> str:
        """The version where `label` answers and judges."""
        asked = self.it.model_dump(mode="json", exclude={"title", "owner", "chain", "ranked_by"})
        judge = self.judged_by(label)
        return lines.digest({**asked, "content": self.golden.content, "judged_by": judge, "prices": self.prices})

    def judged_by(self, label: str) -> list[Any]:
        """The judge: its rubrics, who its models are, and who answers for them."""
        return [*(one.version for one in self.rubrics), label, self.asked(self.rubrics)]

    def asked(self, prompts: Iterable[Prompt]) -> dict[str, dict[str, str]]:
        """Who answers prompts, by their names."""
        return {prompt.name: self.cards[prompt.it.model].asked for prompt in prompts}

    @property
    def prompts(self) -> list[Prompt]:
        """Every prompt that a run sends to a model: the chain's, and the judge's."""
        return [*self.chain.prompts.values(), *self.rubrics]

    @property
    def rubrics(self) -> tuple[Prompt, Prompt]:
        """The prompts of the judge."""
        return self.judge.rate_prompt, self.judge.prefer_prompt

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
        return lines.digest([self.version, self.chain.version, self.asked(self.chain.prompts.values()), writer.label])

    def estimate(self) -> int:
        """Words that a run and its judge send at least: what a budget is compared with before anything is sent."""
        passages = max((len(p.text.split()) for i in self.chain.indexes.values() for p in i.passages), default=0)
        each = sum(_words(p) for p in self.chain.prompts.values()) + 3 * passages
        rate, prefer = map(_words, self.rubrics)
        asked = list(self.items())
        judged = sum(isinstance(one, Item) for one in asked) if JUDGED in self.it.metrics else 0
        return self.it.repeats * (each * len(asked) + rate * judged) + 2 * PROBES * prefer


@dataclass(frozen=True)
class Run:
    """A finished run."""

    key: str
    evaluation: str
    chain: str
    chain_version: str
    label: str
    components: dict[str, dict[str, Any]]
    items: Sequence[Scored]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """What summaries need of every item; `items` are read from disk each time that they are looked at."""
        return journal.rows(self.items)


def read(
    assets: Assets,
    name: str,
    writer: Writer,
    prices: Prices | None = None,
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
    golden, foundation = assets.golden(it.golden), cards.read_all(assets)
    rubrics = assets.prompt(it.judge), assets.prompt(it.preference)
    service = it.autorater == "service"
    problems += [*golden.unsealed(), *(p for one in rubrics if service for p in unheard(one, foundation, place))]
    if problems:
        raise InvalidSettings(problems)
    judge = ServiceJudge(*rubrics, writer, vertex) if vertex and service else Judge(*rubrics, writer)
    return Evaluation(name, it, chains.read(assets, it.chain), golden, judge, foundation, prices or {})


def run(
    evaluation: Evaluation, writer: Writer, folder: Path, *, told: Callable[[int, int], None] = lambda done, of: None
) -> Run:
    """The run, finished. `folder` holds one folder a run; a model that fails leaves there what was finished.

    Of two who run the same at once, one waits and then reads what the other has finished.
    """
    place = folder / evaluation.key(writer)[:16]
    place.mkdir(parents=True, exist_ok=True)
    with alone(place):
        return _ran(evaluation, writer, place, told)


def _ran(evaluation: Evaluation, writer: Writer, place: Path, told: Callable[[int, int], None]) -> Run:
    key = evaluation.key(writer)
    for index in evaluation.chain.indexes.values():
        index.ready()
    path = place / ITEMS
    done = journal.begun(path)
    wanted = [(item, repeat) for item in evaluation.items() for repeat in range(evaluation.it.repeats)]
    with path.open("ab") as file:
        end = path.stat().st_size
        for number, (item, repeat) in enumerate(wanted, 1):
            if (item.id, repeat) not in done:
                one = scored(evaluation, writer, item, repeat, f"{key} {item.id} {repeat}")
                done[item.id, repeat] = end
                end += file.write(lines.written([one]).encode())
                file.flush()
            told(number, len(wanted))
    found = _run(evaluation, writer, Kept(path, (done[item.id, repeat] for item, repeat in wanted)))
    record = {name: value for name, value in vars(found).items() if name != "items"}
    write(place / RECORD, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    return found


def load(place: Path) -> Run:
    """A finished run, from the folder that it was written to."""
    path = place / RECORD
    if not path.exists():
        raise InvalidSettings([Problem(str(place), "holds no finished run", "run 'blueprint eval run'")])
    try:
        return Run(**json.loads(lines.text(path)), items=Kept.whole(place / ITEMS))
    except (ValueError, TypeError) as error:
        raise InvalidSettings([Problem(str(path), f"is no record of a run ({error})", "run it again")]) from None


def _words(prompt: Prompt) -> int:
    return len(prompt.template.split())


def _run(evaluation: Evaluation, writer: Writer, items: Sequence[Scored]) -> Run:
    components = {
        name.partition("@")[0]: {"version": p.version, **p.content} for name, p in evaluation.chain.prompts.items()
    }
    return Run(
        evaluation.key(writer), evaluation.version, evaluation.chain.name, evaluation.chain.version, writer.label,
        components, items,
    )  # fmt: skip
