"""The port to a model: what is asked of it, what it answers, and what it cost. Adapters live beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipelines.genai.image import Image
from pipelines.genai.prompt import Prompt


@dataclass(frozen=True)
class Reply:
    """An answer, and what is needed to tell whether it came from the component that was asked."""

    text: str
    model_version: str
    parameters: Mapping[str, Any]
    input_tokens: int
    output_tokens: int
    ratings: Mapping[str, str] = field(default_factory=dict)


class Writer(Protocol):
    """Something that generates text. `label` says in results what it is."""

    label: str

    def generate(self, prompt: Prompt, text: str, images: Sequence[Image] = ()) -> Reply:
        """The model's reply to a rendered prompt, with the component's parameters and safety settings."""


class ModelFailed(Exception):  # noqa: N818 - it says what happened
    """The model could not be asked. What was finished before is kept."""
