"""The small embedding model of this computer, run with its real weights: `make test` installs them, without torch."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from operations.embeddings import chosen
from pipelines.genai.drift.lab import compare
from pipelines.genai.drift.traffic import made
from pipelines.genai.embedding import Floats
from pipelines.genai.minilm import MiniLM
from tests.program import ROOT

TEXTS = ["How do I cancel my contract?", "I want to end the agreement.", "The router blinks red.", "a " * 600]


@pytest.fixture(scope="module")
def vectors() -> Floats:
    return MiniLM()(TEXTS)


def test_vectors_are_of_unit_length_and_near_where_the_meaning_is_and_no_word_is_shared(vectors: Floats) -> None:
    assert vectors.shape == (4, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert vectors[0] @ vectors[1] > 0.5
    assert vectors[0] @ vectors[2] < 0.2


def test_a_vector_is_the_same_alone_and_among_longer_texts(vectors: Floats) -> None:
    alone = MiniLM()(TEXTS[:1])
    assert alone[0] == pytest.approx(vectors[0], abs=1e-5)
    assert not np.allclose(vectors[0], vectors[1])


def test_drift_is_found_by_it_and_none_where_there_is_none() -> None:
    embed = chosen(ROOT / "settings", "production", None, "minilm")
    logs = {"before": made(60, 1), "same": made(60, 2), "moved": made(60, 3, shift="topic")}
    found = {name: compare(logs["before"], logs[name], embed=embed, alpha=0.01) for name in ("same", "moved")}
    assert not any(one.drifted for one in found["same"])
    assert any(one.drifted for one in found["moved"])


def test_it_brings_no_torch() -> None:
    words = "import sys; from pipelines.genai.minilm import MiniLM; MiniLM()(['x']); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
