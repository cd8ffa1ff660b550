"""Judgements of a model: one answer rated, or two compared in both orders. What cannot be read is never a score."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError

from pipelines.genai.prompt import Prompt
from pipelines.genai.writer import Writer

Kind = TypeVar("Kind", bound=BaseModel)
PROBES = 20
"""Duels between equals by which a judge's biases are seen, each in both orders."""


class Rating(BaseModel):
    """A reply of the judge about one answer. `judge_version` is the model's, where whoever asked it was told."""

    score: Annotated[int, Field(ge=1, le=5, strict=True)]
    reason: Annotated[str, Field(min_length=1)]
    judge_version: str = ""

    @property
    def share(self) -> float:
        """The score between 0 and 1."""
        return (self.score - 1) / 4


class Preference(BaseModel):
    """A reply of the judge about two answers."""

    better: Literal["first", "second", "tie"]
    reason: Annotated[str, Field(min_length=1)]


class Unreadable(Exception):  # noqa: N818 - it says what the reply is
    """A reply of the judge that is no judgement."""


@dataclass(frozen=True)
class Duel:
    """Two answers compared in both orders: what the judge said of each order, and who wins."""

    forward: Preference
    backward: Preference

    @property
    def score(self) -> float:
        """1 where the candidate wins in both orders, 0 where it loses in both, else a draw."""
        said = (self.forward.better, self.backward.better)
        return {("first", "second"): 1.0, ("second", "first"): 0.0}.get(said, 0.5)

    @property
    def by_place(self) -> bool:
        """Whether the judge went by the place and not by the answer."""
        return self.forward.better == self.backward.better != "tie"


@dataclass(frozen=True)
class Judge:
    """A judge is a prompted component too: its rubric, its model and its version are pinned with the evaluation."""

    rate_prompt: Prompt
    prefer_prompt: Prompt
    writer: Writer

    @property
    def label(self) -> str:
        """Who judges, as results say it."""
        return self.writer.label

    def rate(self, question: str, reference: str, answer: str) -> Rating:
        """The rating of an answer. Raises Unreadable."""
        return self._rating({"question": _line(question), "reference": _line(reference), "answer": _line(answer)})

    def duel(self, question: str, reference: str, candidate: str, against: str) -> Duel:
        """The comparison of a candidate's answer with another, in both orders. Raises Unreadable."""
        about = {"question": _line(question), "reference": _line(reference)}
        first, second = _line(candidate), _line(against)
        forward = self._preference({**about, "first": first, "second": second})
        return Duel(forward, self._preference({**about, "first": second, "second": first}))

    def _rating(self, values: Mapping[str, str]) -> Rating:
        reply = self.writer.generate(self.rate_prompt, self.rate_prompt.render(values))
        return _read(Rating, reply.text).model_copy(update={"judge_version": reply.model_version})

    def _preference(self, values: Mapping[str, str]) -> Preference:
        return _read(Preference, self.writer.generate(self.prefer_prompt, self.prefer_prompt.render(values)).text)


def _line(text: str) -> str:
    """A text on one line: no answer can add lines of its own to what the judge reads."""
    return " ".join(text.split())


def _read(kind: type[Kind], text: str) -> Kind:
    try:
        return kind.model_validate(json.loads(text.strip().removeprefix("```json").removesuffix("```")))
    except (ValueError, ValidationError):
        raise Unreadable(f"'{text[:60]}' is no judgement") from None
