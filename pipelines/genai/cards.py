"""Cards of foundation models: what a model reads, and how one asks it. A prompt names its model and no more.

`models/<name>.yaml` stands for a model that some environment permits; the name is the one in `allowed_models`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from pipelines.genai.assets import Assets
from pipelines.genai.prompt import SPECIFICATION, Prompt
from settings.loading import parse, read_yaml
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import Model

KIND = "models"


class Card(Model):
    """One model. `served` decides who is asked: Gemini's API, chat completions hosted by Google, or by an endpoint.

    Every model reads text; `reads` says what else.
    """

    publisher: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    served: Literal["gemini", "chat", "endpoint"]
    reads: list[Literal["image"]] = []

    @property
    def filtered(self) -> bool:
        """Whether the harm filters of a prompt reach it; only Gemini's API takes them."""
        return self.served == "gemini"

    @property
    def asked(self) -> dict[str, str]:
        """Who answers by it: runs and releases are of this, and of no other."""
        return {"publisher": self.publisher, "served": self.served}


def read_all(assets: Assets) -> dict[str, Card]:
    """Every card by the name of its model; all problems at once."""
    found: dict[str, Card] = {}
    problems: list[Problem] = []
    for name in assets.names(KIND):
        place = f"{KIND}/{name}.yaml"
        try:
            found[name] = parse(TypeAdapter(Card), read_yaml(assets.path(KIND, name), place), place)
        except InvalidSettings as error:
            problems += error.problems
    if problems:
        raise InvalidSettings(problems)
    return found


def forbidden(
    prompt: Prompt, cards: Mapping[str, Card], allowed: frozenset[str], where: str, *, guarded: bool
) -> Iterator[Problem]:
    """Why an environment lets the model of a component not answer; where it is `guarded`, none without filters may."""
    name = prompt.it.model
    able = sorted(other for other in allowed & cards.keys() if cards[other].filtered or not guarded)
    if name in able or (name in allowed and name not in cards):
        return
    text = f"takes no harm filters, which {where} asks for" if name in allowed else f"is not allowed in {where}"
    way_out = suggestion(name, able, f"choose one of {', '.join(able) or 'none yet'}")
    yield Problem(f"prompts/{prompt.name}/{SPECIFICATION}.model", f"'{name}' {text}", way_out)


def unfit(prompt: Prompt, cards: Mapping[str, Card]) -> Iterator[Problem]:
    """Why the model of a component cannot be asked what the component asks, before anything is sent."""
    name, place = prompt.it.model, f"prompts/{prompt.name}/{SPECIFICATION}"
    if name not in cards:
        way_out = suggestion(name, cards, f"write {KIND}/{name}.yaml")
        yield Problem(f"{place}.model", f"'{name}' has no card", way_out)
        return
    for key, it in prompt.it.inputs.items():
        if it.type == "image" and "image" not in cards[name].reads:
            able = ", ".join(sorted(other for other, card in cards.items() if "image" in card.reads))
            yield Problem(f"{place}.inputs.{key}", f"'{name}' reads no images", f"choose a model that does: {able}")
