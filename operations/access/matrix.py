"""Persona by capability, in every environment: a table for people, a document for machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from operations.access.asking import Access
from operations.sheets import Sheet
from sandbox.iam import Answer
from settings.loading import parse, read_yaml
from settings.model import Model

FILE = Path(__file__).parents[2] / "groups/capabilities.yaml"
SIGNS = {Answer.YES: "yes", Answer.NO: "-", Answer.UNKNOWN: "?"}

Matrix = dict[str, dict[str, dict[str, Answer]]]


class Capability(Model):
    """A permission on a team's project that stands for something people do."""

    title: str
    permission: str


def read_capabilities(file: Path = FILE) -> dict[str, Capability]:
    """The columns of the matrix."""
    place = f"groups/{file.name}"
    found: dict[str, Capability] = parse(TypeAdapter(dict[str, Capability]), read_yaml(file, place), place)
    return found


def matrix(access: Access) -> Matrix:
    """Environment -> persona -> capability -> answer, on the project of the first team."""
    it, found = access.words.it, Matrix()
    team, columns = sorted(it.teams)[0], read_capabilities()
    for environment in it.environments:
        for key in access.words.personas:
            word = key.replace("_", "-")
            found.setdefault(environment, {})[word] = {
                column: access.can(word, capability.permission, f"{environment}/{team}").decision.answer
                for column, capability in columns.items()
            }
    return found


def as_table(found: Matrix) -> list[str]:
    """The matrix as Markdown, a table for each environment."""
    lines: list[str] = []
    for environment, rows in found.items():
        columns = list(next(iter(rows.values())))
        lines += [f"| {environment} | {' | '.join(columns)} |", f"|---{'|---' * len(columns)}|"]
        for persona, answers in rows.items():
            lines.append(f"| {persona} | {' | '.join(SIGNS[answers[column]] for column in columns)} |")
        lines.append("")
    return lines[:-1]


def as_document(found: Matrix) -> dict[str, Any]:
    """The matrix for machines."""
    return {
        environment: {who: {column: answer.value for column, answer in row.items()} for who, row in rows.items()}
        for environment, rows in found.items()
    }


def as_sheet(found: Matrix) -> Sheet:
    """The matrix as a report: a row for each persona in each environment."""
    known = read_capabilities()
    words = "; ".join(f"{key}: {capability.title}" for key, capability in known.items())
    rows = [
        [environment, who, *(SIGNS[row[column]] for column in known)]
        for environment, people in found.items()
        for who, row in people.items()
    ]
    told = f"Asked of the synthesized stacks, in a team's project. {words}"
    return Sheet("Who may do what", told, ["environment", "persona", *known], rows)
