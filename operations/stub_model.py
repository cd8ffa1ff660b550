"""STUB: answers for the sandbox where Google asks a model. Every answer says so in its `responseId`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, cast
from zlib import crc32

from pydantic import ValidationError

from pipelines.genai.prompt import Parameters, Prompt
from pipelines.genai.stub import LABEL, Stub, parts
from pipelines.genai.writer import Reply
from sandbox.api.errors import ApiError

Values = dict[str, Any]

_DIMENSIONS = 768
_numbers = itertools.count(1)


def answer(asked: Values) -> Values:
    """What the stand-in says to one request of a publisher's model."""
    model = str(asked.get("model", "")).rpartition("/")[2]
    match asked["method"]:
        case "generateContent" | "streamGenerateContent":
            return _generated(model, asked)
        case "completions":
            return _completed(model, asked)
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


def _replied(model: str, text: str, given: Values, limit: int | None) -> Reply:
    temperature, seed = float(given.get("temperature") or 0.0), int(given.get("seed") or 0)
    try:
        parameters = Parameters(temperature=temperature, max_output_tokens=256 if limit is None else limit, seed=seed)
    except ValidationError as error:
        field = error.errors()[0]
        raise ApiError(400, f"Unable to submit request: {field['loc'][0]}: {field['msg']}") from None
    it = SimpleNamespace(task=_task(text), model_version=model, parameters=parameters)
    return Stub().generate(cast(Prompt, SimpleNamespace(it=it)), text)


def _completed(model: str, asked: Values) -> Values:
    """As chat completions say it. Of a picture the stand-in sees nothing."""
    contents = [one.get("content") or "" for one in asked["messages"]]
    shown = [part for one in contents for part in ([{"text": one}] if isinstance(one, str) else one)]
    reply = _replied(model, _text([{"parts": shown}]), asked, asked.get("max_tokens"))
    choice = {"index": 0, "message": {"role": "assistant", "content": reply.text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": reply.input_tokens, "completion_tokens": reply.output_tokens}
    usage["total_tokens"] = reply.input_tokens + reply.output_tokens
    told = {"id": _name(), "object": "chat.completion", "model": asked.get("model", "")}
    return told | {"choices": [choice], "usage": usage}


def _generated(model: str, asked: Values) -> Values:
    given = asked.get("generationConfig") or {}
    text = "\n".join(filter(None, [_text([asked.get("systemInstruction") or {}]), _text(asked.get("contents") or [])]))
    reply = _replied(model, text, given, given.get("maxOutputTokens"))
    candidate = {"index": 0, "content": {"role": "model", "parts": [{"text": reply.text}]}, "finishReason": "STOP"}
    usage = {"promptTokenCount": reply.input_tokens, "candidatesTokenCount": reply.output_tokens}
    usage["totalTokenCount"] = reply.input_tokens + reply.output_tokens
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": model, "responseId": _name()}


def _name() -> str:
    return f"{LABEL.replace(' ', '-')}-{next(_numbers)}"


def _task(text: str) -> str:
    """What a rendered prompt asks for, by the words that the platform's judges use."""
    if "\nTemplate:\n" in text:
        return "improve"
    found = parts(text).keys()
    if {"First answer", "Second answer", "Reference"} <= found:
        return "prefer"
    return "rate" if {"Answer", "Reference"} <= found else "answer"


def _text(contents: Iterable[Values]) -> str:
    return "\n".join(str(part.get("text", "")) for one in contents for part in one.get("parts") or [])


def _embedding(instance: Any) -> Values:
    if not isinstance(instance, dict):
        raise ApiError(400, "Each instance must be an object with `content`.")
    text = str(instance.get("content", ""))
    return {"values": embedded(text), "statistics": {"token_count": len(text.split()), "truncated": False}}
