"""Whoever answers, judges or proposes is permitted where it is asked, and known by run and release."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from operations.evaluations import Desk, pin
from operations.prompts import published
from operations.proposing import proposed
from operations.releases import verified
from pipelines.genai.assets import Assets
from settings.problems import InvalidSettings
from tests.program import EXAMPLE, ROOT, blueprint

SETTINGS = ROOT / "settings"
FLASH, PRO, LLAMA, GEMMA = (
    "gemini-3.5-flash", "gemini-3.5-pro", "llama-3.3-70b-instruct-maas", "gemma3@gemma-3-4b-it",
)  # fmt: skip
EXPLORING = ("interactive",)


def edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def asks(assets: Assets, prompt: str, model: str) -> None:
    edit(assets.folder / "prompts" / prompt / "prompt.yaml", f"model: {FLASH}", f"model: {model}")


def refused(assets: Assets, settings: Path = SETTINGS, where: Sequence[str] = ("production",)) -> list[str]:
    with pytest.raises(InvalidSettings) as told:
        Desk.opened(assets.folder, settings, "assistant", where=where)
    return [str(problem) for problem in told.value.problems]


@pytest.mark.parametrize("judge", ["rate", "prefer"])
def test_a_judge_is_a_model_that_is_permitted_and_has_a_card(copy: Assets, judge: str) -> None:
    asks(copy, judge, PRO)
    (told,) = refused(copy)
    assert told.startswith(f"prompts/{judge}/prompt.yaml.model: '{PRO}' is not allowed in production")
    (copy.folder / f"models/{PRO}.yaml").unlink()
    assert f"prompts/{judge}/prompt.yaml.model: '{PRO}' has no card" in refused(copy, where=EXPLORING)[0]


def test_a_model_that_proposes_is_permitted_before_anything_is_sent(copy: Assets, tmp_path: Path) -> None:
    asks(copy, "improve", PRO)
    desk = Desk.opened(copy.folder, SETTINGS, "assistant", kept=tmp_path / "kept")
    with pytest.raises(InvalidSettings, match=f"prompts/improve/prompt.yaml.model: '{PRO}' is not allowed"):
        proposed(desk, "answer")
    assert not (tmp_path / "kept").exists()


def test_a_model_without_harm_filters_never_answers_where_releases_run(copy: Assets, tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    shutil.copytree(SETTINGS, settings, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    line = f"  - publishers/google/models/{FLASH}:predict\n"
    edit(settings / "environments/production.yaml", line, f"{line}  - publishers/google/models/{GEMMA}:predict\n")
    asks(copy, "answer", GEMMA)
    pin(copy.folder, settings, "assistant")
    assert refused(copy, settings) == [
        f"prompts/answer/prompt.yaml.model: '{GEMMA}' takes no harm filters, which production asks for; "
        f"choose one of {FLASH}"
    ], "and a model that writes nothing is no choice"
    Desk.opened(copy.folder, settings, "assistant", where=EXPLORING)


def test_the_evaluation_service_is_not_asked_for_a_judge_that_it_does_not_know(copy: Assets) -> None:
    asks(copy, "rate", LLAMA)
    (told,) = refused(copy, where=EXPLORING)
    assert told.startswith(f"evaluations/assistant/evaluation.yaml.autorater: the service does not ask '{LLAMA}'")
    edit(copy.folder / "evaluations/assistant/evaluation.yaml", "autorater: service", "autorater: prompt")
    Desk.opened(copy.folder, SETTINGS, "assistant", where=EXPLORING)


def test_another_server_of_the_same_model_is_another_run(copy: Assets, tmp_path: Path) -> None:
    asks(copy, "answer", PRO)
    pin(copy.folder, SETTINGS, "assistant")
    before = Desk.opened(copy.folder, SETTINGS, "assistant", kept=tmp_path, where=EXPLORING)
    edit(copy.folder / f"models/{PRO}.yaml", "served: gemini", "served: chat")
    answered = Desk.opened(copy.folder, SETTINGS, "assistant", kept=tmp_path, where=EXPLORING)
    assert answered.evaluation.key(before.writer) != before.evaluation.key(before.writer)
    assert answered.evaluation.version == before.evaluation.version, "it is judged as before, so both can be compared"
    edit(copy.folder / f"models/{FLASH}.yaml", "publisher: google", "publisher: another")
    judged = Desk.opened(copy.folder, SETTINGS, "assistant", kept=tmp_path, where=EXPLORING)
    assert judged.evaluation.version != before.evaluation.version
    assert dataclasses.replace(judged.evaluation, cards=before.evaluation.cards).version == before.evaluation.version


def test_the_lock_names_who_serves_a_model(copy: Assets, tmp_path: Path) -> None:
    edit(copy.folder / f"models/{FLASH}.yaml", "publisher: google", "publisher: another")
    desk = Desk.opened(copy.folder, SETTINGS, "assistant", kept=tmp_path)
    assert next(str(problem).partition(";")[0] for problem in verified(desk)) == (
        "release.lock.models.answer.publisher: is another, locked is google"
    )


def test_an_environment_that_is_none_is_told_before_a_prompt_is_published(copy: Assets, tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="--environment: there is no environment 'moon'"):
        published(copy.folder, SETTINGS, "answer", "sandbox", "moon")
    words = ("prompt", "publish", "answer", "--environment", "moon", "--assets", str(copy.folder), *EXAMPLE)
    done = blueprint(*words, cwd=tmp_path)
    assert done.returncode == 2 and "there is no environment 'moon'" in done.stderr, done.stderr
