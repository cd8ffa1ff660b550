"""Judgements of the Gen AI evaluation service: our rubrics, its autorater, one sample, both orders asked by us.

The autorater is the model that the rubric's prompt names. The service flips no answers by itself, so that a judge that
goes by the place is seen and not averaged away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from pipelines.genai.cards import Card
from pipelines.genai.judging import Judge, Preference, Rating, Unreadable
from pipelines.genai.prompt import Prompt
from pipelines.genai.vertex.model import configuration
from pipelines.genai.vertex.place import Place, told
from settings.problems import Problem

CHOICES = {"CANDIDATE": "first", "BASELINE": "second", "TIE": "tie"}
RENAMED = {"answer": "response"}
"""What the service calls the text that it rates."""
OURS = "form"
"""The input by which a rubric says how to reply; the service says that itself."""


@dataclass(frozen=True)
class ServiceJudge(Judge):
    """The judge whose rubrics are asked by the evaluation service."""

    place: Place

    @property
    def label(self) -> str:
        return f"the evaluation service, {self.writer.label}"

    def _rating(self, values: Mapping[str, str]) -> Rating:
        spec = {"metric_prompt_template": rubric(self.rate_prompt)}
        found = self._ask(self.rate_prompt, "pointwise_metric", spec, values).pointwise_metric_result
        try:
            return Rating(score=int(found.score) if found.score == int(found.score) else -1, reason=found.explanation)
        except (ValidationError, ValueError):
            raise Unreadable(f"'{found.score}: {found.explanation[:40]}' is no judgement") from None

    def _preference(self, values: Mapping[str, str]) -> Preference:
        fields = {"candidate_response_field_name": "first", "baseline_response_field_name": "second"}
        spec = {"metric_prompt_template": rubric(self.prefer_prompt), **fields}
        found = self._ask(self.prefer_prompt, "pairwise_metric", spec, values).pairwise_metric_result
        choice = found.pairwise_choice.name
        try:
            return Preference(better=CHOICES.get(choice, choice), reason=found.explanation)
        except ValidationError:
            raise Unreadable(f"'{choice}: {found.explanation[:40]}' is no judgement") from None

    def _ask(self, prompt: Prompt, metric: str, spec: dict[str, str], values: Mapping[str, str]) -> Any:
        named = {RENAMED.get(name, name): value for name, value in values.items()}
        asked = {
            "location": self.place.parent,
            f"{metric}_input": {"metric_spec": spec, "instance": {"json_instance": json.dumps(named)}},
            "autorater_config": {
                "sampling_count": 1,
                "flip_enabled": False,
                "autorater_model": self.place.model(prompt.it.model),
                "generation_config": _generation(prompt),
            },
        }
        with told("evaluation service"):
            return self.place.service("EvaluationServiceClient", "v1beta1").evaluate_instances(request=asked)


def unheard(prompt: Prompt, cards: Mapping[str, Card], place: str) -> Iterator[Problem]:
    """The problem that the service cannot be told to ask the model of a rubric: it knows Google's alone."""
    card = cards.get(prompt.it.model)
    if card and card.served != "gemini":
        text = f"the service does not ask '{prompt.it.model}' of prompts/{prompt.name}"
        yield Problem(f"{place}.autorater", text, "write 'autorater: prompt', or choose a model of Gemini's")


def rubric(prompt: Prompt) -> str:
    """The rubric as the service takes it: inputs in single braces, nothing about the form of the reply."""
    return prompt.render({name: "" if name == OURS else f"{{{RENAMED.get(name, name)}}}" for name in prompt.it.inputs})


def _generation(prompt: Prompt) -> dict[str, Any]:
    return {key: value for key, value in configuration(prompt).items() if key != "safety_settings"}
