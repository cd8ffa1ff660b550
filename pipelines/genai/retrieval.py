"""Retrieval from a corpus: passages, their embeddings, and an index that knows what it was built from."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import PositiveInt, TypeAdapter

from pipelines.genai import lines
from pipelines.genai.assets import Assets, Documents
from pipelines.genai.embedding import Embedding, Floats
from settings.loading import parse, read_yaml
from settings.problems import InvalidSettings, Problem
from settings.values import Email, Model


class Specification(Model):
    """`indexes/<name>.yaml`: what is indexed and how."""

    title: str
    owner: Email
    source: str
    embedding: Literal["tfidf-svd"]
    dimensions: PositiveInt


@dataclass(frozen=True)
class Passage:
    """A paragraph of a document; its id is what an answer cites."""

    id: str
    document: str
    text: str


@dataclass(frozen=True)
class Index:
    """Passages ready to be searched."""

    name: str
    it: Specification
    passages: tuple[Passage, ...]

    @cached_property
    def version(self) -> str:
        """The snapshot: settings and corpus that it was built from."""
        settings = self.it.model_dump(mode="json", exclude={"title", "owner"})
        return lines.digest({**settings, "passages": [asdict(p) for p in self.passages]})

    @cached_property
    def embedding(self) -> Embedding:
        return Embedding([p.text for p in self.passages], self.it.dimensions)

    @cached_property
    def _vectors(self) -> Floats:
        return self.embedding([p.text for p in self.passages])

    def ready(self) -> None:
        """Embed the passages now and not with the first question."""
        assert len(self._vectors) == len(self.passages)

    def search(self, question: str, top: int, *, documents: frozenset[str] | None = None) -> list[Passage]:
        """The nearest passages, best first; with `documents`, of these alone."""
        nearness = self._vectors @ self.embedding([question])[0]
        order = np.argsort(-nearness, kind="stable")
        found = (self.passages[i] for i in order)
        return [p for p in found if documents is None or p.document in documents][:top]


def read(assets: Assets, name: str) -> Index:
    """The index of a name, built from the documents as they are now."""
    place = f"indexes/{name}.yaml"
    path: Path = assets.path("indexes", name)
    it: Specification = parse(TypeAdapter(Specification), read_yaml(path, place), place)
    passages = tuple(_passages(assets.documents(it.source, f"{place}.source")))
    if not passages:
        raise InvalidSettings([Problem(place, "its documents have no passages", "write paragraphs")])
    return Index(name, it, passages)


def _passages(documents: Documents) -> list[Passage]:
    return [
        Passage(f"{document}#{number}", document, " ".join(part.split()))
        for document, text in sorted(documents.items())
        for number, part in enumerate((p for p in re.split(r"\n\s*\n", text) if not p.lstrip().startswith("#")), 1)
        if part.strip()
    ]
