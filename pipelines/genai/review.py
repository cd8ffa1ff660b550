"""What people say about answers: a form that goes out with a run, and ratings that come back.

The form is a table of one answer a row, without what the judge said, so that nobody is led. A row that comes back names
the answer that it is about by a hash: one of another run, or one whose answer was changed, is refused by its line.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field, TypeAdapter

from pipelines.genai import lines
from pipelines.genai.evaluation import Run
from pipelines.genai.scoring import Scored
from settings.loading import parse
from settings.problems import InvalidSettings, Problem
from settings.values import Email, Model

Grade = Annotated[int, Field(ge=1, le=5)]
GRADES = ("score", "accuracy", "coherence", "creativity", "harmlessness")
GIVEN = ("row", "item", "question", "reference", "answer")
COLUMNS = (*GIVEN, *GRADES, "correction", "reviewer")


class HumanRating(Model):
    """What a person said about an answer, each from 1 to 5 with 5 for the best; a correction is a better reference."""

    id: str
    answer: str
    rater: Email
    score: Grade
    accuracy: Grade | None = None
    coherence: Grade | None = None
    creativity: Grade | None = None
    harmlessness: Grade | None = None
    correction: str = ""
    day: str = ""

    @property
    def about(self) -> tuple[str, str, str]:
        """One person rates one answer to one item once."""
        return self.id, self.answer, self.rater


def form(run: Run, *, size: int, seed: int) -> list[dict[str, str]]:
    """Rows to fill in: answers drawn by the seed, the same ones for every reviewer."""
    rated = [number for number, one in enumerate(run.items) if one.reference and not one.repeat]
    chosen = np.random.default_rng(seed).permutation(len(rated))[:size]
    return [_row(run, run.items[rated[number]]) for number in sorted(chosen)]


def written(rows: Iterable[dict[str, str]], path: Path) -> str:
    """The form as its file name asks: a table for a spreadsheet (.csv), or JSON lines."""
    if path.suffix == ".jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if path.suffix != ".csv":
        raise InvalidSettings([Problem(str(path), "is neither .csv nor .jsonl", "choose one of them")])
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    table.writeheader()
    # Danger: a spreadsheet runs a cell that begins like a formula.
    table.writerows({key: _plain(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def returned(run: Run, path: Path, reviewer: str, day: date) -> tuple[list[HumanRating], list[Problem], int]:
    """The ratings of a form that came back, what is wrong with other rows, and how many nobody has filled in."""
    answers = {_row(run, one)["row"]: one for one in run.items}
    found: list[HumanRating] = []
    problems: list[Problem] = []
    empty = 0
    for place, row in _rows(path):
        if isinstance(row, str):
            problems.append(Problem(place, f"cannot be read ({row})", "export the form again, and fill that row in"))
            continue
        try:
            if not any(str(row.get(name) or "").strip() for name in GRADES):
                empty += 1
                continue
            found.append(_rating(row, answers, place, reviewer, day))
        except InvalidSettings as error:
            problems += error.problems
    return found, problems, empty


def merged(known: Iterable[HumanRating], new: Iterable[HumanRating]) -> list[HumanRating]:
    """All ratings; who rates an answer again replaces what they said."""
    return list({rating.about: rating for rating in (*known, *new)}.values())


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def _row(run: Run, one: Scored) -> dict[str, str]:
    row = lines.digest([run.key, one.id, one.repeat, one.answer])[:16]
    given = {"row": row, "item": one.id, "question": one.question, "reference": one.reference, "answer": one.answer}
    return given | dict.fromkeys(COLUMNS[len(GIVEN) :], "")


def _rating(row: dict[str, Any], answers: dict[str, Scored], place: str, reviewer: str, day: date) -> HumanRating:
    one = answers.get(str(row.get("row") or ""))
    if one is None or one.id != row.get("item"):
        text = f"'{row.get('item')}' is no row of a form of this run"
        raise InvalidSettings(
            [Problem(place, text, "name the run with --run, and leave the columns row and item alone")]
        )
    values: dict[str, Any] = {"id": one.id, "answer": one.answer, "day": day.isoformat()}
    values["rater"] = str(row.get("reviewer") or "").strip() or reviewer
    for name in GRADES:
        if text := str(row.get(name) or "").strip():
            values[name] = int(text) if re.fullmatch(r"-?\d{1,9}", text) else text
    if correction := str(row.get("correction") or "").strip():
        values["correction"] = correction
    rating: HumanRating = parse(TypeAdapter(HumanRating), values, place)
    return rating


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """The rows of a form with their places; of one that cannot be read, why. Lines may end as on any computer."""
    text = io.StringIO(lines.text(path), newline=None)
    if path.suffix == ".csv":
        yield from _table(path, text)
        return
    # Danger: str.splitlines knows ends of lines that JSON does not.
    for number, line in enumerate(text, 1):
        try:
            row = json.loads(line) if line.strip() else None
        except ValueError:
            row = {"item": line[:40], "score": "-"}
        if row is not None:
            yield f"{path}:{number}", row if isinstance(row, dict) else {"item": str(row)[:40], "score": "-"}


def _table(path: Path, text: io.StringIO) -> Iterator[tuple[str, dict[str, Any] | str]]:
    table = csv.DictReader(text)
    try:
        known = table.fieldnames or ()
    except csv.Error:
        known = ()
    if missing := [name for name in ("row", "item", "score") if name not in known]:
        raise InvalidSettings([Problem(f"{path}:1", f"has no column '{missing[0]}'", "export the form again")])
    while True:
        try:
            row: dict[str, Any] | str | None = next(table, None)
        except csv.Error as error:
            row = str(error)
        if row is None:
            return
        yield f"{path}:{table.reader.line_num}", row
