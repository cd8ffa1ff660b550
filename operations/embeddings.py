"""What turns questions into vectors: a stand-in or a small model of this computer, or a permitted one of Vertex AI."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipelines.genai.drift import lab
from pipelines.genai.drift.lab import Embed
from pipelines.genai.minilm import NAME as MINILM
from pipelines.genai.minilm import MiniLM
from pipelines.genai.vertex.embedding import VertexEmbedding
from pipelines.genai.vertex.place import Place
from settings.loading import read
from settings.problems import InvalidSettings, Problem, suggestion

LOCAL: dict[str, Callable[[], Embed]] = {"tfidf-svd": lambda: lab.local, MINILM: MiniLM}
OPTION = "--embedding"


def chosen(settings: Path, environment: str, place: Place | None, name: str) -> Embed:
    """The one of a name; without one, the first that Vertex AI may answer with, or else the stand-in.

    `place` is where Vertex AI answers, if it does. Raises InvalidSettings where the name is unknown, not permitted in
    the environment, not installed, or nobody is there to ask.
    """
    models = read(settings).environments[environment].allowed_models  # type: ignore[index]
    names = [model.rpartition("/")[2].partition(":")[0] for model in models]
    permitted = [model for model in names if "embedding" in model]
    name = name or (permitted[0] if place and permitted else "tfidf-svd")
    if name in LOCAL:
        return LOCAL[name]()
    if name not in permitted:
        known = [*LOCAL, *permitted]
        way_out = suggestion(name, known, f"choose of {', '.join(known)}")
        raise InvalidSettings([Problem(OPTION, f"'{name}' is not permitted in {environment}", way_out)])
    if place is None:
        text = f"'{name}' is a model of Vertex AI"
        raise InvalidSettings([Problem(OPTION, text, "add --models sandbox or --models google")])
    return VertexEmbedding(place, name)
