"""An installation of one's own: what the README has people write is what every command takes, and every build."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from cloudbuild.pipelines import FOLDER, read
from operations.catalog_desk import Desk
from settings.model import Installation
from settings.places import EXAMPLE, OWN
from settings.problems import InvalidSettings
from tests.program import ROOT, blueprint
from tests.settings.breaking import ANSWERS


def test_where_an_installation_lies_beside_the_example_every_command_takes_it(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "settings", tmp_path / EXAMPLE, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    assert blueprint("check", cwd=tmp_path).stdout.startswith(f"{EXAMPLE}: ")
    (tmp_path / "answers.yaml").write_text(yaml.safe_dump(ANSWERS))
    made = blueprint("init", "--answers", "answers.yaml", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert blueprint("check", cwd=tmp_path).stdout.startswith(f"{OWN}: ")
    assert blueprint("check", "--settings", EXAMPLE, cwd=tmp_path).stdout.startswith(f"{EXAMPLE}: ")


def deaf(triggers: dict[str, list[str]]) -> list[str]:
    """Triggers that a change of the example starts, and one of the installation's own settings does not."""
    return [name for name, files in triggers.items() if f"{EXAMPLE}/**" in files and f"{OWN}/**" not in files]


def test_builds_listen_to_the_installation_and_their_image_holds_it() -> None:
    triggers = {f"{key}-{word}": one.files for key, it in read().items() for word, one in it.triggers.items()}
    assert deaf(triggers) == []
    assert deaf(triggers | {"planted": [f"{EXAMPLE}/**"]}) == ["planted"]
    image = (FOLDER / "Dockerfile").read_text()
    assert re.findall(r"BLUEPRINT_SETTINGS=(\S+)", image) == [f"/blueprint/{OWN}"]
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    assert OWN not in ignored


def test_the_readme_leads_to_the_installation_that_builds_take(tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text().partition("## Deploy to your organization")[2].partition("\n## ")[0]
    assert f"`{OWN}/`" in section
    assert "--settings" not in section, "the commands and the builds would speak of different installations"


def test_code_that_runs_only_its_own_builder_takes_the_settings_of_that_builder(tmp_path: Path) -> None:
    for name in (OWN, EXAMPLE):
        (tmp_path / name).mkdir()
    asked = "from scripts.options import _settings; print(_settings())"
    around = {"PYTHONPATH": str(ROOT), "BLUEPRINT_SETTINGS": "/blueprint/installation"}
    for safe, taken in (("1", "/blueprint/installation"), ("", OWN)):
        told = subprocess.run(
            [sys.executable, "-c", asked],
            cwd=tmp_path,
            env=around | {"PYTHONSAFEPATH": safe},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip() == taken


def test_a_team_that_came_after_the_builders_image_leads_to_the_line_on_the_next_image(
    installation: Installation,
) -> None:
    desk: Any = Desk(installation, *cast(Any, (None, None, None)), label="")
    with pytest.raises(InvalidSettings, match=r"team 'xy': does not exist; .*those of its image \(README, Day 2\)"):
        desk.place("xy", "interactive")
    rows = (ROOT / "README.md").read_text().partition("## Day 2")[2].partition("\n## ")[0].splitlines()
    (row,) = [row for row in rows if "builder's image" in row]
    assert all(word in row for word in ("`tag`", "cloudbuild/builder.yaml", "images pin", "blueprint deploy"))
