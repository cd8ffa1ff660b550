"""A table as two files: CSV for programs, and a page that stands alone for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from operations.writing import write

Cell = str | Sequence[str]
STYLE = """body{font:14px/1.45 system-ui,sans-serif;color:#1c2430;margin:24px}h1{font-size:22px;margin:0 0 4px}
p{margin:0 0 16px;color:#4a5568;max-width:72em}table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #dde3ec;padding:6px 8px;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{position:sticky;top:0;background:#eef2f8;font-weight:600;overflow-wrap:normal}tr:hover td{background:#f7f9fc}
td:first-child{font-weight:600;white-space:nowrap}.yes{background:#d7ecd9}.no{color:#a0aabb}.unsure{background:#fdebc8}"""
MARKS = {"yes": "yes", "-": "no", "?": "unsure"}


@dataclass(frozen=True)
class Sheet:
    """A table with a title and a sentence about it. A cell is a text, or a list that gets a line for each entry."""

    title: str
    told: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def csv(self) -> str:
        """For programs; lists are joined by semicolons."""
        text = io.StringIO()
        rows = [[cell if isinstance(cell, str) else "; ".join(cell) for cell in row] for row in self.rows]
        csv.writer(text, lineterminator="\n").writerows([self.head, *rows])
        return text.getvalue()

    def html(self) -> str:
        """For people, without anything from elsewhere."""
        begin = '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        head = f"{begin}<title>{escape(self.title)}</title><style>{STYLE}</style>"
        rows = ["".join(f"<th>{escape(title)}</th>" for title in self.head)]
        rows += ["".join(map(_cell, row)) for row in self.rows]
        body = "\n".join(f"<tr>{row}</tr>" for row in rows)
        return f"{head}\n<h1>{escape(self.title)}</h1><p>{escape(self.told)}</p>\n<table>{body}</table></html>\n"


def write_sheet(sheet: Sheet, out: Path, name: str) -> list[Path]:
    """The table as NAME.csv and NAME.html in a folder."""
    files = {out / f"{name}.csv": sheet.csv(), out / f"{name}.html": sheet.html()}
    for path, text in files.items():
        write(path, text)
    return list(files)


def _cell(cell: Cell) -> str:
    text = escape(cell) if isinstance(cell, str) else "<br>".join(map(escape, cell))
    return f'<td class="{MARKS[text]}">{text}</td>' if text in MARKS else f"<td>{text}</td>"
