"""What a chain does beside models and retrieval, by name and version: a change of behaviour is a new version."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from inspect import signature
from typing import Any

from pipelines.genai.embedding import content_words
from pipelines.genai.lint import PII

CITED = re.compile(r"\[([^\]]+)\]")
AMOUNT = re.compile(r"\b(\d+(?:\.\d{1,2})?) (?:euros?|EUR)\b")
SUPPORTED = 0.6
GUARD, WITHHELD = "withhold_unsupported@1", "The handbook does not say."


def mask_personal_data(text: str) -> str:
    """A text in which personal data is replaced by what it was."""
    for what, pattern in PII.items():
        text = pattern.sub(f"<{what.partition(' ')[2]}>", text)
    return text


def withhold_unsupported(text: str, passages: list[dict[str, str]]) -> str:
    """An answer as it is where each citation was retrieved and supports it; else the words of a refusal."""
    known = {passage["id"]: passage["text"] for passage in passages}
    cited = CITED.findall(text)
    said = set(content_words(CITED.sub("", text)))
    if any(id_ not in known for id_ in cited):
        return WITHHELD
    backed = set(content_words(" ".join(known[id_] for id_ in cited) or " ".join(known.values())))
    supported = len(said & backed) / max(1, len(said))
    return text if not said or supported >= SUPPORTED else WITHHELD


def add_amounts(text: str) -> str:
    """The sum of all amounts in euros that a text names."""
    return f"{sum((Decimal(found) for found in AMOUNT.findall(text)), Decimal(0)):.2f}"


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "mask_personal_data@2": mask_personal_data,
    GUARD: withhold_unsupported,
    "add_amounts@1": add_amounts,
}


def schema(name: str) -> dict[str, str]:
    """What a function takes and gives, by name: callers depend on it, so that a lock holds its hash."""
    found = signature(FUNCTIONS[name])
    return {
        **{key: str(one.annotation) for key, one in found.parameters.items()},
        "return": str(found.return_annotation),
    }
