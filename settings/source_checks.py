"""Source data: examples that exist and fit their table, columns that differ, rows for teams that exist."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from settings.model import BigQuerySource, StorageSource, Table
from settings.parts import Parts
from settings.problems import Problem, suggestion


def source_problems(parts: Parts) -> Iterator[Problem]:
    """Every source that could not be filled, or that refers to something that is not there."""
    for key, source in parts.sources.items():
        place = parts.place(f"sources/{key}.yaml")
        if isinstance(source, BigQuerySource):
            for name, table in source.tables.items():
                yield from _table(parts, f"{place}.tables.{name}", table)
        elif isinstance(source, StorageSource):
            for example in source.examples:
                yield from _file(parts.folder.path, f"{place}.examples", example)


def _table(parts: Parts, place: str, table: Table) -> Iterator[Problem]:
    for column, count in Counter(column.name for column in table.columns).items():
        if count > 1:
            yield Problem(f"{place}.columns", f"'{column}' stands twice", "remove one")
    for rule, access in table.row_access.items():
        if access.team not in parts.present["teams"]:
            way_out = suggestion(access.team, parts.present["teams"], "add the team")
            yield Problem(f"{place}.row_access.{rule}.team", f"no team '{access.team}'", way_out)
    if table.example is None:
        return
    missing = list(_file(parts.folder.path, f"{place}.example", table.example))
    yield from missing or _header(parts.folder.path / table.example, f"{place}.example", table)


def _file(folder: Path, place: str, example: str) -> Iterator[Problem]:
    path = folder / example
    if not path.resolve().is_relative_to(folder.resolve()):
        yield Problem(place, f"'{example}' is not below the settings folder", "put it below sources/examples")
    elif not path.is_file():
        yield Problem(place, f"example file '{example}' does not exist", f"put it below {folder.name}/")


def _header(path: Path, place: str, table: Table) -> Iterator[Problem]:
    expected = [column.name for column in table.columns]
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            header = next(csv.reader(lines), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        yield Problem(place, f"cannot be read ({error})", "make it a CSV file in UTF-8")
        return
    if header != expected:
        text = f"the first line is {','.join(header)[:80]}"
        yield Problem(place, text, f"write the table's columns, {','.join(expected)}")
