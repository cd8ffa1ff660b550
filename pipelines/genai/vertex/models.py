"""Any model of Vertex AI as a writer: the card of the model that a prompt names decides who is asked, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.genai.cards import Card
from pipelines.genai.image import Image
from pipelines.genai.prompt import Prompt
from pipelines.genai.vertex.chat import ChatModel
from pipelines.genai.vertex.model import VertexModel
from pipelines.genai.vertex.place import Place
from pipelines.genai.writer import ModelFailed, Reply, Writer


class VertexModels:
    """Asks the model that a prompt names, by its card."""

    def __init__(self, place: Place, cards: Mapping[str, Card]) -> None:
        self.label = place.label
        self._by_name: dict[str, Writer] = {
            name: VertexModel(place) if card.served == "gemini" else ChatModel(place, card)
            for name, card in cards.items()
        }

    def generate(self, prompt: Prompt, text: str, images: Sequence[Image] = ()) -> Reply:
        """The reply of the model."""
        if prompt.it.model not in self._by_name:
            raise ModelFailed(f"model {prompt.it.model}: has no card, so nobody knows how to ask it")
        return self._by_name[prompt.it.model].generate(prompt, text, images)
