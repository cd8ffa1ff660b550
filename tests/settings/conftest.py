"""A fresh installation made from answers, and a way to break it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from settings.answers import Answers, answers_from
from settings.new_installation import new_installation
from tests.settings.breaking import ANSWERS, Edits, apply, problems_of


@pytest.fixture
def answers() -> Answers:
    return answers_from(ANSWERS)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings folder of an installation with the example teams; not to be changed."""
    folder = tmp_path_factory.mktemp("pristine") / "settings"
    new_installation(folder, answers_from(ANSWERS))
    return folder


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A settings folder of one's own."""
    return Path(shutil.copytree(pristine, tmp_path / "settings"))


@pytest.fixture
def problems(folder: Path) -> Callable[[Edits], list[str]]:
    """The problems after edits: {file: text, bytes, GONE, or {dotted key: value}}."""

    def run(edits: Edits) -> list[str]:
        for name, change in edits.items():
            apply(folder / name, change)
        return problems_of(folder)

    return run
