"""Results in one schema, in DuckDB on a laptop and in BigQuery on Google: tasks, runs, prompts, items, scores."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.genai.evaluation import Run
from pipelines.genai.golden import Item
from pipelines.genai.scoring import JUDGED, Scored
from settings.problems import InvalidSettings, Problem
from settings.writing import alone

# Danger: a column that comes later stands last in its table; tables that are there get it then.
SCHEMA = {
    "tasks": {"task": "STRING"},
    "runs": {"run": "STRING", "task": "STRING", "chain": "STRING", "chain_version": "STRING", "label": "STRING"},
    "prompts": {"run": "STRING", "name": "STRING", "version": "STRING", "model": "STRING", "content": "STRING"},
    "items": {
        "run": "STRING", "item": "STRING", "repeat": "INT64", "question": "STRING", "reference": "STRING",
        "answer": "STRING", "slices": "STRING", "synthetic": "BOOL", "steps": "STRING", "reason": "STRING",
        "judge_version": "STRING",
    },
    "scores": {"run": "STRING", "item": "STRING", "repeat": "INT64", "metric": "STRING", "score": "FLOAT64"},
}  # fmt: skip
KEYS = {"tasks": "task", "runs": "run", "prompts": "run", "items": "run", "scores": "run"}
"""What is replaced when a run is written again."""
TYPES = {"STRING": "VARCHAR", "INT64": "BIGINT", "BOOL": "BOOLEAN", "FLOAT64": "DOUBLE"}
AT_ONCE = 5000
Rows = Iterator[tuple[str, list[tuple[Any, ...]]]]


def rows(run: Run) -> Rows:
    """A run as rows of the five tables, so many items at once."""
    parts = [(name, c["version"], c["model"], json.dumps(c)) for name, c in run.components.items()]
    yield "tasks", [(run.evaluation,)]
    yield "runs", [(run.key, run.evaluation, run.chain, run.chain_version, run.label)]
    yield "prompts", [(run.key, *part) for part in parts]
    for start in range(0, len(run.items), AT_ONCE):
        some = run.items[start : start + AT_ONCE]
        yield "items", [_item(run.key, one) for one in some]
        yield "scores", [(run.key, i.id, i.repeat, metric, value) for i in some for metric, value in i.scores.items()]


def _item(key: str, one: Scored) -> tuple[Any, ...]:
    parts = json.dumps(one.slices), one.synthetic, json.dumps(one.steps)
    return key, one.id, one.repeat, one.question, one.reference, one.answer, *parts, one.reason, one.judge_version


def store(path: Path, run: Run) -> None:
    """Write a run into the database of a laptop; writing it again changes nothing."""
    import pandas as pd

    path.parent.mkdir(parents=True, exist_ok=True)
    with _database(path) as database:
        # A run is put together from its file again: what matters is that memory does not grow with it.
        database.execute("SET memory_limit = '256MB'; SET threads = 1; SET preserve_insertion_order = false")
        database.begin()
        for table, key in KEYS.items():
            database.execute(f"DELETE FROM {table} WHERE {key} = ?", [run.evaluation if key == "task" else run.key])
        for table, found in rows(run):
            frame = pd.DataFrame(found, columns=list(SCHEMA[table]))  # noqa: F841 - DuckDB reads it by its name
            if found:
                database.execute(f"INSERT INTO {table} SELECT * FROM frame")
        database.commit()


def history(path: Path, items: Iterable[Item]) -> dict[str, list[float]]:
    """How well each run that is stored met an item's reference, by the item: the judge's score, or 1 for its words.

    Of items that were asked otherwise, or have another reference now, nothing is known.
    """
    if not path.exists():
        return {}
    each = (
        f"SELECT run, item, repeat, max(score) AS score FROM scores WHERE metric IN ('{JUDGED}', 'exact') GROUP BY ALL"
    )
    runs = f"SELECT run, item, avg(score) AS score FROM ({each}) GROUP BY ALL"
    asked = "SELECT DISTINCT run, item, question, reference FROM items"
    query = f"SELECT item, question, reference, list(score) FROM ({runs}) JOIN ({asked}) USING (run, item) GROUP BY ALL"
    known = {(item.id, item.question, item.reference) for item in items}
    with _database(path) as database:
        found = database.execute(query).fetchall()
    return {id_: scores for id_, question, reference, scores in found if (id_, question, reference) in known}


@contextmanager
def _database(path: Path) -> Iterator[Any]:
    """The database of a laptop, which one process may have open at a time: others of ours wait."""
    import duckdb

    with alone(path.parent):
        try:
            database = duckdb.connect(str(path))
        except duckdb.IOException as error:
            way_out = "end the program that has it open, or move the file away, and repeat"
            raise InvalidSettings(
                [Problem(str(path), f"cannot be opened ({str(error).splitlines()[0]})", way_out)]
            ) from None
        with database:
            for table, columns in SCHEMA.items():
                described = ", ".join(f"{name} {TYPES[kind]}" for name, kind in columns.items())
                database.execute(f"CREATE TABLE IF NOT EXISTS {table} ({described})")
                for name, kind in columns.items():
                    database.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} {TYPES[kind]}")
            yield database
