"""STUB: answers for the sandbox where Google asks a model. Every answer says so in its `responseId`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, cast
from zlib import crc32

from pipelines.genai.prompt import Parameters, Prompt
from pipelines.genai.stub import LABEL, Stub

Values = dict[str, Any]

_DIMENSIONS = 768
_numbers = itertools.count(1)


def answer(asked: Values) -> Values:
    """What the stand-in says to one request of a publisher's model."""
    model = str(asked["model"]).rpartition("/")[2]
    match asked["method"]:
        case "generateContent" | "streamGenerateContent":
            return _generated(model, asked)
        case "countTokens":
            return {"totalTokens": len(_text(asked.get("contents") or []).split())}
        case "embedContent":
            return {"embedding": {"values": embedded(_text([asked.get("content") or {}]))}}
    return {"predictions": [{"embeddings": _embedding(one)} for one in asked.get("instances") or []]}


def embedded(text: str) -> list[float]:
    """A unit vector in which each word of the text has its place; texts that share words are near each other."""
    from pipelines.genai.embedding import content_words

    vector = [0.0] * _DIMENSIONS
    for word in content_words(text):
        vector[crc32(word.encode()) % _DIMENSIONS] += 1.0
    length = sum(value * value for value in vector) ** 0.5
    return [value / length for value in vector] if length else vector


def _generated(model: str, asked: Values) -> Values:
    given = asked.get("generationConfig") or {}
    limit = int(given.get("maxOutputTokens") or 256)
    parameters = Parameters(
        temperature=float(given.get("temperature") or 0.0), max_output_tokens=limit, seed=int(given.get("seed") or 0)
    )
    text = "\n".join(filter(None, [_text([asked.get("systemInstruction") or {}]), _text(asked.get("contents") or [])]))
    it = SimpleNamespace(task=_task(text), model_version=model, parameters=parameters)
    reply = Stub().generate(cast(Prompt, SimpleNamespace(it=it)), text)
    candidate = {"index": 0, "content": {"role": "model", "parts": [{"text": reply.text}]}, "finishReason": "STOP"}
    usage = {"promptTokenCount": reply.input_tokens, "candidatesTokenCount": reply.output_tokens}
    usage["totalTokenCount"] = reply.input_tokens + reply.output_tokens
    name = f"{LABEL.replace(' ', '-')}-{next(_numbers)}"
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": model, "responseId": name}


def _task(text: str) -> str:
    """What a rendered prompt asks for, by the words that the platform's judges use."""
    if "First answer:" in text and "Second answer:" in text:
        return "prefer"
    return "rate" if "\nAnswer:" in text and "Reference:" in text else "answer"


def _text(contents: Iterable[Values]) -> str:
    return "\n".join(str(part.get("text", "")) for one in contents for part in one.get("parts") or [])


def _embedding(instance: Values) -> Values:
    text = str(instance.get("content", ""))
    return {"values": embedded(text), "statistics": {"token_count": len(text.split()), "truncated": False}}
