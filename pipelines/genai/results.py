"""Results in one schema, in DuckDB on a laptop and in BigQuery on Google: tasks, runs, prompts, items, scores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.genai.evaluation import Run
from pipelines.genai.scoring import Scored

SCHEMA = {
    "tasks": {"task": "STRING"},
    "runs": {"run": "STRING", "task": "STRING", "chain": "STRING", "chain_version": "STRING", "label": "STRING"},
    "prompts": {"run": "STRING", "name": "STRING", "version": "STRING", "model": "STRING", "content": "STRING"},
    "items": {
        "run": "STRING", "item": "STRING", "repeat": "INT64", "question": "STRING", "reference": "STRING",
        "answer": "STRING", "slices": "STRING", "synthetic": "BOOL", "steps": "STRING", "reason": "STRING",
    },
    "scores": {"run": "STRING", "item": "STRING", "repeat": "INT64", "metric": "STRING", "score": "FLOAT64"},
}  # fmt: skip
KEYS = {"tasks": "task", "runs": "run", "prompts": "run", "items": "run", "scores": "run"}
"""What is replaced when a run is written again."""
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
    return key, one.id, one.repeat, one.question, one.reference, one.answer, *parts, one.reason


def store(path: Path, run: Run) -> None:
    """Write a run into the database of a laptop; writing it again changes nothing."""
    import duckdb
    import pandas as pd

    path.parent.mkdir(parents=True, exist_ok=True)
    types = {"STRING": "VARCHAR", "INT64": "BIGINT", "BOOL": "BOOLEAN", "FLOAT64": "DOUBLE"}
    with duckdb.connect(str(path)) as database:
        # A run is put together from its file again: what matters is that memory does not grow with it.
        database.execute("SET memory_limit = '256MB'; SET threads = 1; SET preserve_insertion_order = false")
        database.begin()
        for table, columns in SCHEMA.items():
            described = ", ".join(f"{name} {types[kind]}" for name, kind in columns.items())
            database.execute(f"CREATE TABLE IF NOT EXISTS {table} ({described})")
            key = KEYS[table]
            database.execute(f"DELETE FROM {table} WHERE {key} = ?", [run.evaluation if key == "task" else run.key])
        for table, found in rows(run):
            frame = pd.DataFrame(found, columns=list(SCHEMA[table]))  # noqa: F841 - DuckDB reads it by its name
            if found:
                database.execute(f"INSERT INTO {table} SELECT * FROM frame")
        database.commit()


def history(path: Path, metric: str) -> dict[str, list[float]]:
    """The scores of each item in all runs that are stored."""
    import duckdb

    if not path.exists():
        return {}
    query = "SELECT item, list(score ORDER BY run) FROM scores WHERE metric = ? GROUP BY item"
    with duckdb.connect(str(path), read_only=True) as database:
        found = database.execute(query, [metric])
        return {item: list(scores) for item, scores in found.fetchall()}
