"""Gemini's models through google-genai, as a writer: model, parameters and filters are the component's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.genai.image import Image
from pipelines.genai.prompt import Prompt
from pipelines.genai.vertex.place import Place, told
from pipelines.genai.writer import Reply

FLAGGED = ("MEDIUM", "HIGH")


class VertexModel:
    """Asks the model that a prompt names."""

    def __init__(self, place: Place) -> None:
        self.label, self._place = place.label, place

    def generate(self, prompt: Prompt, text: str, images: Sequence[Image] = ()) -> Reply:
        """The reply. One that the filters withheld is empty, with the ratings that say why."""
        shown = [{"inline_data": {"mime_type": one.mime, "data": one.data}} for one in images]
        contents = [{"role": "user", "parts": [{"text": text}, *shown]}]
        with told(f"model {prompt.it.model}"):
            answer = self._place.genai.models.generate_content(
                model=prompt.it.model, contents=contents, config=configuration(prompt)
            )
        candidate = answer.candidates[0] if answer.candidates else None
        used = answer.usage_metadata
        return Reply(
            text=(answer.text or "") if candidate else "",
            model_version=answer.model_version or "",
            parameters=prompt.it.parameters.model_dump(),
            input_tokens=(used and used.prompt_token_count) or 0,
            output_tokens=(used and used.candidates_token_count) or 0,
            ratings=_ratings(candidate.safety_ratings if candidate else answer.prompt_feedback),
        )


def configuration(prompt: Prompt) -> dict[str, Any]:
    """Parameters and filters as google-genai takes them."""
    safety = [{"category": harm, "threshold": level} for harm, level in prompt.it.safety.items()]
    return {**prompt.it.parameters.model_dump(), "safety_settings": safety}


def _ratings(found: Any) -> dict[str, str]:
    """How probable each kind of harm is; where the question was refused, by what."""
    if found is None:
        return {}
    if not isinstance(found, list):
        found = found.safety_ratings or []
    return {one.category.name: one.probability.name for one in found if one.category and one.probability}
