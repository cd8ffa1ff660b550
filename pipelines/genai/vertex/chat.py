"""Models that speak chat completions: hosted by Google for their publishers, or deployed to an endpoint of the team.

They have no filters of Gemini's: what a prompt says about safety does not reach them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from pipelines.genai.cards import Card
from pipelines.genai.image import Image
from pipelines.genai.prompt import Prompt
from pipelines.genai.vertex.place import SECONDS, Place, told
from pipelines.genai.writer import ModelFailed, Reply

HOSTED = "openapi"
"""The endpoint that stands for every model that Google hosts for others."""


class ChatModel:
    """Asks a model by its card."""

    def __init__(self, place: Place, card: Card) -> None:
        self.label, self._place, self._card = place.label, place, card
        self._endpoints: dict[str, str] = {}

    def generate(self, prompt: Prompt, text: str, images: Sequence[Image] = ()) -> Reply:
        """The reply. One that was withheld is empty."""
        name, of = prompt.it.model, f"{self._card.publisher}/{prompt.it.model}"
        with told(f"model {name}"):
            answer = self._post(
                self._endpoint(of), {"model": of, "messages": [_message(text, images)], **_parameters(prompt)}
            )
        choice, used = (answer.get("choices") or [{}])[0], answer.get("usage") or {}
        version = str(answer.get("model", "")).rpartition("/")[2]
        return Reply(
            text=choice.get("message", {}).get("content") or "",
            model_version=name if version == name.rpartition("@")[2] else version,
            parameters=prompt.it.parameters.model_dump(),
            input_tokens=used.get("prompt_tokens", 0),
            output_tokens=used.get("completion_tokens", 0),
        )

    def _endpoint(self, of: str) -> str:
        """Who is asked; which endpoint of the project serves a model is looked for once."""
        if self._card.served == "chat":
            return HOSTED
        if of not in self._endpoints:
            self._endpoints[of] = self._serving(f"publishers/{of.replace('/', '/models/')}")
        return self._endpoints[of]

    def _serving(self, model: str) -> str:
        """The endpoint of the project to which this model of Model Garden is deployed."""
        parent = self._place.parent
        held = {
            one.name.rpartition("/")[2]: one.base_model_source.model_garden_source.public_model_name
            for one in self._place.service("ModelServiceClient").list_models(parent=parent)
        }
        for endpoint in self._place.service("EndpointServiceClient").list_endpoints(parent=parent):
            served = {held.get(one.model.rpartition("/")[2].partition("@")[0]) for one in endpoint.deployed_models}
            if model in served:
                return str(endpoint.name.rpartition("/")[2])
        raise ModelFailed(
            f"{model}: no endpoint of {parent} serves it; order one: blueprint catalog launch model_garden_endpoint"
        )

    def _post(self, endpoint: str, asked: dict[str, Any]) -> dict[str, Any]:
        url = f"https://{self._place.region}-aiplatform.googleapis.com/v1/{self._place.parent}/endpoints/{endpoint}/chat/completions"
        answer = self._place.session.post(url, json=asked, timeout=SECONDS)
        if not answer.ok:
            raise ModelFailed(f"model {asked['model']}: {answer.status_code} {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found


def _message(text: str, images: Sequence[Image]) -> dict[str, Any]:
    if not images:
        return {"role": "user", "content": text}
    shown = [f"data:{one.mime};base64,{b64encode(one.data).decode()}" for one in images]
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in shown]
    return {"role": "user", "content": [{"type": "text", "text": text}, *parts]}


def _parameters(prompt: Prompt) -> dict[str, Any]:
    given = prompt.it.parameters.model_dump()
    most = given.pop("max_output_tokens")
    return {**given, "max_tokens": most}
