"""Whatever goes wrong: a sentence with a way out, the right exit code, no traceback, and nothing half-written."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import BLUEPRINT, EXAMPLE, ROOT, blueprint

SMALL_FILES = 64 * 1024


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A copy of the example settings to spoil."""
    copy = tmp_path / "settings"
    shutil.copytree(ROOT / "settings", copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


SPOILED = {
    "unknown key": ("teams/churn.yaml", "orchestrator:", "orchestratr:", "did you mean 'orchestrator'?"),
    "wrong type": (
        "organization.yaml",
        "common_budget: 2000",
        "common_budget: many",
        "organization.yaml.common_budget",
    ),
    "unknown region": ("organization.yaml", "europe-west4", "europe-west44", "did you mean 'europe-west4'?"),
    "missing parent": (
        "organization.yaml",
        "parent: organizations/123456789012\n",
        "",
        "organization.yaml.parent: is missing",
    ),
    "overlap": ("environments/production.yaml", "10.32.0.0/20", "10.16.0.0/20", "overlap"),
}


@pytest.mark.parametrize("name", SPOILED)
@pytest.mark.parametrize("command", ["check", "synth"])
def test_wrong_settings_end_with_2(name: str, command: str, settings: Path, tmp_path: Path) -> None:
    file, old, new, said = SPOILED[name]
    replace(settings / file, old, new)
    done = blueprint(command, "--settings", str(settings), cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "cdktf.out").exists()


def test_every_problem_is_told_in_one_run(settings: Path, tmp_path: Path) -> None:
    for file, old, new, _ in list(SPOILED.values())[:4]:
        replace(settings / file, old, new)
    done = blueprint("check", "--settings", str(settings), cwd=tmp_path)
    assert all(said in done.stderr for _, _, _, said in list(SPOILED.values())[:4]), done.stderr


def test_settings_that_do_not_exist(tmp_path: Path) -> None:
    done = blueprint("check", "--settings", "nowhere", cwd=tmp_path)
    assert (done.returncode, "blueprint init" in done.stderr) == (2, True)


def test_unknown_stacks_and_commands_get_a_suggestion(tmp_path: Path) -> None:
    done = blueprint("plan", "bootstrp", *EXAMPLE, cwd=tmp_path)
    assert (done.returncode, "did you mean 'bootstrap'?" in done.stderr) == (2, True)
    done = blueprint("depoly", cwd=tmp_path)
    assert (done.returncode, "did you mean 'deploy'?" in done.stderr) == (2, True)


def test_a_failed_synth_leaves_the_old_stacks(settings: Path, tmp_path: Path) -> None:
    assert blueprint("synth", "--settings", str(settings), cwd=tmp_path).returncode == 0
    before = {p: p.read_bytes() for p in (tmp_path / "cdktf.out").rglob("*.json")}
    replace(settings / "organization.yaml", "prefix: acme", "prefix: ACME")
    assert blueprint("synth", "--settings", str(settings), cwd=tmp_path).returncode == 2
    assert {p: p.read_bytes() for p in (tmp_path / "cdktf.out").rglob("*.json")} == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".synth")] == []


def test_a_store_that_is_none(tmp_path: Path) -> None:
    (tmp_path / ".sandbox").mkdir()
    (tmp_path / ".sandbox/cloud.db").write_bytes(b"this is no database, and it is somebody's" * 99)
    done = blueprint("status", *EXAMPLE, cwd=tmp_path)
    assert done.returncode == 1
    assert "cloud.db" in done.stderr
    assert (tmp_path / ".sandbox/cloud.db").read_bytes().startswith(b"this is no database")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / ".sandbox").write_text("a file where the folder should be")
    done = blueprint("deploy", "bootstrap", "--auto-approve", *EXAMPLE, cwd=tmp_path)
    assert (done.returncode, ".sandbox" in done.stderr) == (1, True)
    done = blueprint("synth", "--out", "/proc/nowhere/out", *EXAMPLE, cwd=tmp_path)
    assert (done.returncode, "choose another --out" in done.stderr) == (1, True)


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file of this process and its children grows beyond 64 KiB, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_FILES, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk(tmp_path: Path, full_disk: None) -> None:
    done = blueprint("deploy", "bootstrap", "--auto-approve", *EXAMPLE, cwd=tmp_path)
    assert done.returncode == 1
    assert ": " in done.stderr.splitlines()[-1] and "; " in done.stderr.splitlines()[-1]


def test_nobody_to_ask(tmp_path: Path) -> None:
    command = [BLUEPRINT, "deploy", "bootstrap", *EXAMPLE]
    done = subprocess.run(command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, "--auto-approve" in done.stderr) == (2, True)
