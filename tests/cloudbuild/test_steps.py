"""Steps of builds are commands that a person can run: the program knows every one of them, and every option."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cloudbuild.pipelines import FOLDER, SUBSTITUTION, Step, read, read_build
from operations.builds.runner import START
from scripts.program import program

KNOWN = {"_TARGET": "google", "_ENVIRONMENT": "nonproduction", "_PR_NUMBER": "1"}
FOLDERS = ("catalog_templates", "plans.out")


def steps() -> Iterator[tuple[str, Step]]:
    for key, pipeline in read().items():
        for build in sorted({trigger.build for trigger in pipeline.triggers.values()}):
            for step in read_build(key, build).steps:
                yield f"{key}/{build}/{step.id}", step


STEPS = dict(steps())


def parsed(args: list[str]) -> click.Context:
    """The command with its options as the program understands them; a UsageError where it does not."""
    words = [SUBSTITUTION.sub(lambda found: KNOWN.get(found[1], "value"), word) for word in args]
    command: click.Command = program
    context = click.Context(program, info_name="blueprint")
    while isinstance(command, click.Group):
        name, found, words = command.resolve_command(context, words)
        assert found is not None
        command, context = found, click.Context(found, parent=context, info_name=name)
    return command.make_context(context.info_name, words, parent=context.parent)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in which the folders that steps name exist."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.usefixtures("checkout")
def test_the_program_knows_every_step(step: str) -> None:
    assert STEPS[step].entrypoint == "blueprint"
    assert parsed(STEPS[step].args).command.callback is not None
    with pytest.raises(click.UsageError):
        parsed([*STEPS[step].args, "--planted"])


def test_the_builder_holds_the_locked_packages_and_the_program_that_builds_here_run() -> None:
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY")]
    assert all((FOLDER.parent / name).exists() for names in copied for name in names)
    assert any("--require-hashes" in line for line in lines)
    assert any(line.startswith("ENV") and "PYTHONSAFEPATH=1" in line for line in lines), "no file of a checkout is run"
    (program,) = (line for line in lines if "/usr/local/bin/blueprint" in line)
    assert f'python -c "{START}" "$@"' in program
    assert {step.entrypoint for step in STEPS.values()} == {"blueprint"}


def test_a_command_that_does_not_exist_is_found() -> None:
    with pytest.raises(click.UsageError, match="planted"):
        parsed(["pipeline", "planted", "--team", "$_TEAM"])
    assert len(STEPS) > 15
