"""Chat completions: of a model that Google hosts for its publisher, or of one that is deployed to an endpoint.

Which models Google hosts is written down nowhere here: a name of the right form is answered for.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from sandbox.api import checking
from sandbox.api.call import Call
from sandbox.api.dispatch import Wire
from sandbox.api.errors import ApiError, invalid
from sandbox.api.verbs import endpoints, models
from sandbox.bucket_api import Answer

Values = dict[str, Any]

_HOSTED = re.compile(r"[a-z0-9-]+/[\w.@-]+")
_NUMBER = (int, float)
_FIELDS: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "max_tokens": int,
    "seed": int,
    "temperature": _NUMBER,
    "top_p": _NUMBER,
}


def _chat(call: Call, wire: Wire) -> Answer:
    asked, endpoint = _asked(wire), call.name.partition("/chat")[0]
    model = asked.get("model", "")
    if endpoint.endswith("/endpoints/openapi"):
        if not _HOSTED.fullmatch(model):
            raise invalid([("model", f"Malformed publisher model '{model}': expected PUBLISHER/MODEL.")])
    elif model and (served := _served(call, endpoint)) and model not in served:
        raise ApiError(404, f"The model `{model}` does not exist.")
    answer = endpoints.said(call, asked)
    return Answer(200, json.dumps(answer).encode(), (("Content-Type", "application/json; charset=UTF-8"),))


def _asked(wire: Wire) -> Values:
    asked = checking.parsed(wire.body)
    if not isinstance(asked, dict) or not isinstance(asked.get("messages"), list):
        raise ApiError(400, "The request must hold `messages`.")
    if wrong := list(_wrong(asked)):
        raise invalid([(place, f"Invalid value at '{place}'.") for place in wrong])
    return asked


def _wrong(asked: Values) -> Iterator[str]:
    """Every field that holds something of another type."""
    for field, type_ in _FIELDS.items():
        value = asked.get(field)
        if value is not None and (isinstance(value, bool) or not isinstance(value, type_)):
            yield field
    for number, message in enumerate(asked["messages"]):
        content = message.get("content") if isinstance(message, dict) else None
        parts = content if isinstance(content, list) else []
        if not isinstance(content, str | list) or not all(isinstance(part, dict) for part in parts):
            yield f"messages[{number}]"


def _served(call: Call, endpoint: str) -> set[str]:
    """Names of the models of Model Garden that are deployed there; nothing where another model is, which has none."""
    held = call.get(endpoint).get("deployedModels")
    if not held:
        raise ApiError(400, f"{endpoint} has no deployed model.", "FAILED_PRECONDITION")
    found = [models.version(call, f"{it['model'].partition('@')[0]}@{it['modelVersionId']}") for it in held]
    names = [it.get("baseModelSource", {}).get("modelGardenSource", {}).get("publicModelName", "") for it in found]
    return {it.removeprefix("publishers/").replace("/models/", "/") for it in names} if all(names) else set()


RAW = {"aiplatform.projects.locations.endpoints.chat.completions": _chat}
