"""Embeddings of Vertex AI through google-genai: one text a request, as its models want it, several at a time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from pipelines.genai.embedding import Floats
from pipelines.genai.vertex.place import Place, told

AT_A_TIME = 8


class VertexEmbedding:
    """Vectors of unit length, by a model that the settings permit."""

    def __init__(self, place: Place, model: str) -> None:
        self.name, self._place = model, place
        self.label = f"{model}, {place.label}"

    def __call__(self, texts: Sequence[str]) -> Floats:
        """One vector for each text. Raises ModelFailed."""
        client = self._place.genai
        with ThreadPoolExecutor(AT_A_TIME) as threads:
            vectors = np.array(list(threads.map(lambda text: self._one(client, text), texts)))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        found: Floats = vectors / np.maximum(lengths, 1e-12)
        return found

    def _one(self, client: object, text: str) -> list[float]:
        with told(f"embedding {self.name}"):
            answer = client.models.embed_content(model=self.name, contents=text)  # type: ignore[attr-defined]
        return list(answer.embeddings[0].values)
