"""Vertex AI prompt management: a copy of what Git holds, for people and programs that read there.

A published version is called by the hash of the component. Text, model, parameters and filters stand where the console
shows them; what prompt management has no field for lies beside them as one variable. A read gives a component only
where its content has the hash that the version is called by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from pipelines.genai.prompt import SHORT, Example, Prompt, Specification
from pipelines.genai.vertex.place import Place, told
from settings.loading import parse
from settings.problems import InvalidSettings, Problem

REST = "component"
SHOWN = ("model", "parameters", "safety")
"""Parts of a specification that prompt management has fields for."""


@dataclass(frozen=True)
class Shelf:
    """The prompts of one project."""

    place: Place

    def publish(self, prompt: Prompt) -> bool:
        """Make the component a version; False where it is the newest one already. Raises ModelFailed."""
        known = self._known(prompt.name)
        if known and prompt.version in self._versions(known)[:1]:
            return False
        config = {"prompt_display_name": prompt.name, "version_display_name": prompt.version}
        with told("prompt management"):
            if known:
                self._client.update(prompt_id=known, prompt=as_published(prompt), config=config)
            else:
                self._client.create_version(prompt=as_published(prompt), config=config)
        return True

    def pull(self, name: str, version: str = "") -> Prompt:
        """The component as it was published: the newest version, or one by the beginning of its hash.

        Raises InvalidSettings where there is none, and where its content is not what the version is called by.
        """
        place = f"{self.place.project}/{name}"
        known = self._known(name)
        held = [(called, id_) for called, id_ in self._held(known) if called.startswith(version)] if known else []
        if not known or not held:
            text = f"has no published version {version[:SHORT]}".rstrip()
            raise InvalidSettings([Problem(place, text, f"run 'blueprint prompt publish {name}'")])
        called, id_ = held[0]
        with told("prompt management"):
            found = as_component(name, self._client.get_version(prompt_id=known, version_id=id_), place)
        if found.version != called:
            text = f"version {called[:SHORT]} holds {found.version[:SHORT]}; it was changed there"
            raise InvalidSettings([Problem(place, text, f"run 'blueprint prompt publish {name}'")])
        return found

    def differing(self, prompts: dict[str, Prompt]) -> Iterator[Problem]:
        """Every prompt of which the newest published version is not what Git holds."""
        for name, prompt in prompts.items():
            try:
                found = self.pull(name)
            except InvalidSettings as error:
                yield from error.problems
                continue
            if found.version != prompt.version:
                text = f"published is {found.version[:SHORT]}, Git holds {prompt.version[:SHORT]}"
                yield Problem(f"{self.place.project}/{name}", text, f"run 'blueprint prompt publish {name}'")

    @cached_property
    def _client(self) -> Any:
        import agentplatform

        return agentplatform.Client(project=self.place.project, location=self.place.region).prompts

    def _known(self, name: str) -> str:
        """The id that prompt management gave to the prompt of a name; empty where it has none."""
        with told("prompt management"):
            for reference in self._client.list():
                if self._client.get(prompt_id=reference.prompt_id).dataset.display_name == name:
                    return str(reference.prompt_id)
        return ""

    def _versions(self, id_: str) -> list[str]:
        return [called for called, _ in self._held(id_)]

    def _held(self, id_: str) -> list[tuple[str, str]]:
        """Each version's name and id, the newest first."""
        with told("prompt management"):
            ids = [one.version_id for one in self._client.list_versions(prompt_id=id_)]
            found = [self._client.get_version(prompt_id=id_, version_id=one).dataset_version for one in ids]
        found.sort(key=lambda one: str(one.create_time), reverse=True)
        return [(str(one.display_name), one.name.rpartition("/")[2]) for one in found]


def as_published(prompt: Prompt) -> dict[str, Any]:
    """A component as prompt management takes it."""
    it = prompt.it.model_dump(mode="json")
    rest = {key: value for key, value in it.items() if key not in SHOWN}
    kept = {**rest, "examples": [one.model_dump() for one in prompt.examples]}
    return {
        "prompt_data": {
            "model": it["model"],
            "contents": [{"role": "user", "parts": [{"text": prompt.template}]}],
            "generation_config": it["parameters"],
            "safety_settings": [{"category": harm, "threshold": level} for harm, level in it["safety"].items()],
            "variables": [{REST: {"text": json.dumps(kept, ensure_ascii=False)}}],
        }
    }


def as_component(name: str, published: Any, place: str) -> Prompt:
    """The component that was published. Raises InvalidSettings where it is none of ours.

    Danger: the SDK gives the newest version's data with every version; the version's own lies in its metadata.
    """
    try:
        held = published.dataset_version.metadata.prompt_api_schema
        data = held.multimodal_prompt.prompt_message
        kept = json.loads(held.executions[0].arguments[REST].part_list.parts[0].text)
        shots, template = kept.pop("examples"), data.contents[0].parts[0].text
        asked = data.generation_config.model_dump(mode="json", exclude_none=True)
        safety = {one.category.value: one.threshold.value for one in data.safety_settings}
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        text = "is no component that was published from Git"
        raise InvalidSettings([Problem(place, text, f"run 'blueprint prompt publish {name}'")]) from None
    it = {**kept, "model": data.model, "parameters": asked, "safety": safety}
    examples = parse(TypeAdapter(list[Example]), shots, place)
    return Prompt(name, parse(TypeAdapter(Specification), it, place), template, tuple(examples))
