"""What only Google's APIs know: resources without a Terraform type, and fields that Terraform cannot say."""

import json
from typing import Any

from sandbox.database import Database

Values = dict[str, Any]


class Documents:
    """JSON documents by (kind, name), in the same file as the resources."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: str, name: str, values: Values) -> None:
        with self._database.writing() as write:
            write("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, name, _dump(values)))

    def create(self, kind: str, name: str, values: Values) -> bool:
        """Remember a new document; False, and nothing changed, when it exists already."""
        with self._database.writing() as write:
            done = write("INSERT OR IGNORE INTO documents VALUES (?, ?, ?)", (kind, name, _dump(values)))
            return done.rowcount == 1

    def get(self, kind: str, name: str) -> Values | None:
        row = self._database.one("SELECT content FROM documents WHERE kind = ? AND name = ?", (kind, name))
        return None if row is None else dict(json.loads(row[0]))

    def delete(self, kind: str, name: str) -> None:
        with self._database.writing() as write:
            write("DELETE FROM documents WHERE kind = ? AND name = ?", (kind, name))

    def delete_below(self, prefix: str) -> None:
        """Forget every document whose name begins with `prefix`."""
        with self._database.writing() as write:
            write("DELETE FROM documents WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))

    def find(self, kind: str) -> list[tuple[str, Values]]:
        """All documents of a kind, by name."""
        rows = self._database.all("SELECT name, content FROM documents WHERE kind = ? ORDER BY name", (kind,))
        return [(name, json.loads(content)) for name, content in rows]


def _dump(values: Values) -> str:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)
