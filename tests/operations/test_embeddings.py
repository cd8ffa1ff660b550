"""The model that turns questions into vectors is chosen in one place; a wrong choice is told with its way out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from operations.drifting import compared
from operations.embeddings import chosen
from operations.stub_model import embedded
from pipelines.genai import minilm
from pipelines.genai.drift import lab
from pipelines.genai.drift.traffic import Logged, made
from pipelines.genai.embedding import Floats
from pipelines.genai.lines import written
from pipelines.genai.vertex.place import Place
from sandbox import redirect
from settings.problems import InvalidSettings
from tests.program import EXAMPLE, ROOT, blueprint

SETTINGS = ROOT / "settings"
MOVED = ("drift", "run", "--assets", str(ROOT / "pipelines/genai"), *EXAMPLE)
WATCHED = ("eval", "watch", "assistant", *MOVED[2:])
PLACE = Place("p1", "europe-west3", "STUB")


@pytest.fixture
def traffic(tmp_path: Path) -> Path:
    path = tmp_path / "live.jsonl"
    path.write_text(written(Logged(question=text) for text in made(30, 1)))
    return path


def test_without_a_name_the_first_permitted_one_is_taken_or_the_stand_in() -> None:
    assert chosen(SETTINGS, "production", None, "") is lab.local
    assert getattr(chosen(SETTINGS, "production", PLACE, ""), "name", "") == "gemini-embedding-001"
    assert chosen(SETTINGS, "production", PLACE, "tfidf-svd") is lab.local


def test_weights_that_are_not_installed_are_told_with_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGES", ("weights_that_nobody_ships",))
    with pytest.raises(InvalidSettings, match="needs weights_that_nobody_ships, which are not installed; run 'make"):
        chosen(SETTINGS, "production", None, "minilm")


@pytest.mark.parametrize("words", [MOVED, WATCHED], ids=["drift run", "eval watch"])
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--embedding", "gemini-embedding-002"], "did you mean 'gemini-embedding-001'?"),
        (["--embedding", "gemini-3.5-flash"], "--embedding: 'gemini-3.5-flash' is not permitted in nonproduction;"),
        (["--embedding", "gemini-embedding-001"], "is a model of Vertex AI; add --models sandbox"),
        (["--environment", "nonprod"], "--environment: there is no environment 'nonprod'"),
    ],
)
def test_both_commands_name_a_wrong_choice(words: tuple[str, ...], wrong: list[str], told: str, traffic: Path) -> None:
    done = blueprint(*words, "--traffic", str(traffic), *wrong, cwd=traffic.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert not (traffic.parent / ".sandbox").exists(), "nothing is half done"


def test_a_model_that_does_not_answer_is_a_failure_with_its_name(
    traffic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(redirect.ENDPOINT, "http://127.0.0.1:9")
    done = blueprint(*MOVED, "--traffic", str(traffic), "--models", "sandbox", cwd=traffic.parent)
    assert done.returncode == 1
    assert "embedding gemini-embedding-001: does not answer" in done.stderr
    assert not (traffic.parent / ".sandbox").exists()


def test_a_place_that_is_not_deployed_is_told_in_the_words_of_google(traffic: Path) -> None:
    done = blueprint(*MOVED, "--traffic", str(traffic), "--models", "sandbox", cwd=traffic.parent)
    assert done.returncode == 1
    assert "embedding gemini-embedding-001: 403" in done.stderr
    assert "see that the environment is deployed" in done.stderr


def test_questions_are_compared_by_the_vectors_that_were_chosen(traffic: Path, tmp_path: Path) -> None:
    def of_words(texts: Sequence[str]) -> Floats:
        return np.array([embedded(text) for text in texts])

    where = (ROOT / "pipelines/genai", SETTINGS, "handbook", traffic, None)
    found = [
        {
            one.test: one.statistic
            for one in compared(*where, alpha=0.01, size=1000, embed=embed, series=tmp_path / "series.jsonl")
        }
        for embed in (lab.local, of_words)
    ]
    assert found[0]["mmd"] != found[1]["mmd"]
    assert found[0]["length"] == found[1]["length"]
