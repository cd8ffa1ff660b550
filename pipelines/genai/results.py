"""Results in one schema, in DuckDB on a laptop and in BigQuery on Google: tasks, runs, prompts, items, scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipelines.genai.evaluation import Run, Scored

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
Rows = dict[str, list[tuple[Any, ...]]]


def rows(run: Run) -> Rows:
    """A run as rows of the five tables."""
    parts = [(name, c["version"], c["model"], json.dumps(c)) for name, c in run.components.items()]
    return {
        "tasks": [(run.evaluation,)],
        "runs": [(run.key, run.evaluation, run.chain, run.chain_version, run.label)],
        "prompts": [(run.key, *part) for part in parts],
        "items": [
            (run.key, i.id, i.repeat, i.question, i.reference, i.answer, *_parts(i), i.reason) for i in run.items
        ],
        "scores": [(run.key, i.id, i.repeat, metric, value) for i in run.items for metric, value in i.scores.items()],
    }  # fmt: skip


def _parts(one: Scored) -> tuple[str, bool, str]:
    return json.dumps(one.slices), one.synthetic, json.dumps(one.steps)


def store(path: Path, run: Run) -> None:
    """Write a run into the database of a laptop; writing it again changes nothing."""
    import duckdb
    import pandas as pd

    path.parent.mkdir(parents=True, exist_ok=True)
    types = {"STRING": "VARCHAR", "INT64": "BIGINT", "BOOL": "BOOLEAN", "FLOAT64": "DOUBLE"}
    with duckdb.connect(str(path)) as database:
        database.begin()
        for table, found in rows(run).items():
            columns = SCHEMA[table]
            described = ", ".join(f"{name} {types[kind]}" for name, kind in columns.items())
            database.execute(f"CREATE TABLE IF NOT EXISTS {table} ({described})")
            key = KEYS[table]
            database.execute(f"DELETE FROM {table} WHERE {key} = ?", [run.evaluation if key == "task" else run.key])
            frame = pd.DataFrame(found, columns=list(columns))  # noqa: F841 - DuckDB reads it by its name
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
