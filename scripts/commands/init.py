"""blueprint init"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from settings.places import OWN


class Questionnaire(click.Command):
    """A command with an option for each question of a new installation; they are read only when they are needed."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*_flags(), *super().get_params(ctx)]


@click.command(cls=Questionnaire)
@click.option(
    "--settings", type=click.Path(path_type=Path), default=Path(OWN), show_default=True, help="Folder to write it into."
)
@click.option("--answers", type=click.Path(path_type=Path), help="YAML file with answers; flags go before it.")
@click.option(
    "--existing",
    multiple=True,
    metavar="KIND.KEY=ID[,import]",
    help="What exists already, e.g. folders.interactive=folders/123456789,import; referred to unless imported.",
)
@click.option("--dry-run", is_flag=True, help="Only name the files that would be written.")
def command(settings: Path, answers: Path | None, existing: tuple[str, ...], dry_run: bool, **given: Any) -> None:
    """Write a new installation from flags, a file of answers, or questions."""
    from settings.answers import answers_from
    from settings.folder import read_yaml
    from settings.new_installation import new_installation

    known: dict[str, Any] = dict(read_yaml(answers, str(answers)) or {}) if answers else {}
    known |= {name: value for name, value in given.items() if value is not None}
    if existing:
        known["existing"] = _existing(existing)
    if sys.stdin.isatty():
        _ask(known)
    for path in new_installation(settings, answers_from(known), dry_run=dry_run):
        click.echo(path)
    click.echo(
        f"{'would be' if dry_run else 'is'} a new installation; next: blueprint check --settings {settings}", err=True
    )


def _flags() -> list[click.Parameter]:
    from settings.answers import Answers

    fields = {name: f for name, f in Answers.model_fields.items() if name not in ("existing", "teams")}
    return [click.Option([f"--{name.replace('_', '-')}"], help=field.description) for name, field in fields.items()]


def _existing(entries: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in entries:
        place, _, id_ = entry.partition("=")
        kind, _, key = place.partition(".")
        if kind == "access_policy":
            found[kind] = id_
            continue
        if not (key and id_):
            raise click.BadParameter(f"'{entry}' is not KIND.KEY=ID", param_hint="--existing")
        id_, _, adopt = id_.partition(",")
        found.setdefault(kind, {})[key] = {"id": id_} | ({"adopt": adopt} if adopt else {})
    return found


def _ask(known: dict[str, Any]) -> None:
    """Ask for what is not known; a wrong answer is asked again."""
    from settings.answers import check_answer, questions
    from settings.problems import InvalidSettings

    for name, words, usual in questions(known):
        while True:
            answer = click.prompt(words, default=usual, show_default=bool(usual), err=True)
            try:
                check_answer(name, answer)
            except InvalidSettings as error:
                click.echo(str(error), err=True)
            else:
                known[name] = answer
                break
