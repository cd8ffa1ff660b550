"""Objects of buckets: their content, what is said about them, and generations that tell one writing from another."""

import hashlib
import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.database import Database
from sandbox.errors import PreconditionFailed, Retained

_DESCRIBED = "bucket, name, generation, metageneration, size, content_type, metadata, created, updated, digest"


@dataclass(frozen=True)
class StoredObject:
    """One object of a bucket; `data` is empty where only the description was asked for."""

    bucket: str
    name: str
    data: bytes
    generation: int
    metageneration: int
    size: int
    content_type: str
    metadata: dict[str, str]
    created: str
    updated: str
    md5: str


class Objects:
    """The objects of every bucket, in the same file as the resources."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self,
        bucket: str,
        name: str,
        data: bytes,
        *,
        if_generation: int | None = None,
        content_type: str = "application/octet-stream",
        metadata: dict[str, str] | None = None,
    ) -> StoredObject:
        """Write an object; `if_generation` 0 demands that it is new, n that it still is generation n.

        Retained where it would replace one that its bucket still keeps.
        """
        digest, now = hashlib.md5(data, usedforsecurity=False).hexdigest(), datetime.now(UTC).isoformat()
        with self._database.writing() as write:
            current = _generation(write, bucket, name)
            _expect(bucket, name, current, if_generation)
            self._release(bucket, name)
            generation = max(time.time_ns() // 1000, current + 1)
            made = StoredObject(
                bucket, name, data, generation, 1, len(data), content_type, metadata or {}, now, now, digest
            )
            described = (bucket, name, generation, 1, len(data), content_type, _dump(made.metadata), now, now, digest)
            write(f"INSERT OR REPLACE INTO objects ({_DESCRIBED}, data) VALUES ({'?, ' * 10}?)", (*described, data))
            return made

    def describe(self, bucket: str, name: str, content_type: str, metadata: dict[str, str]) -> StoredObject:
        """Change what is said about an object, not its data; it must exist."""
        with self._database.writing() as write:
            write(
                "UPDATE objects SET content_type = ?, metadata = ?, updated = ?, metageneration = metageneration + 1"
                " WHERE bucket = ? AND name = ?",
                (content_type, _dump(metadata), datetime.now(UTC).isoformat(), bucket, name),
            )
        found = self.get(bucket, name)
        assert found is not None
        return found

    def get(self, bucket: str, name: str) -> StoredObject | None:
        query = f"SELECT {_DESCRIBED}, data FROM objects WHERE bucket = ? AND name = ?"
        row = self._database.one(query, (bucket, name))
        return None if row is None else replace(_object(row), data=row[10])

    def delete(self, bucket: str, name: str, *, if_generation: int | None = None) -> bool:
        """Remove an object; False when there was none. `if_generation` and Retained as for put."""
        with self._database.writing() as write:
            current = _generation(write, bucket, name)
            _expect(bucket, name, current, if_generation)
            self._release(bucket, name)
            write("DELETE FROM objects WHERE bucket = ? AND name = ?", (bucket, name))
            return current != 0

    def clear(self, bucket: str) -> None:
        """Remove every object of a bucket that goes itself."""
        with self._database.writing() as write:
            write("DELETE FROM objects WHERE bucket = ?", (bucket,))

    def needed_to_write(self, bucket: str, name: str) -> tuple[str, ...]:
        """The permissions that writing an object takes: one that is there is deleted by it."""
        found = self._database.one("SELECT 1 FROM objects WHERE bucket = ? AND name = ?", (bucket, name))
        return ("storage.objects.create", *(("storage.objects.delete",) if found else ()))

    def retained(self, bucket: str, name: str = "") -> str:
        """Until when the bucket keeps this object, or the youngest of all; empty where it may go."""
        period = self._database.one(
            "SELECT content ->> '$.retention_policy[0].retention_period' FROM resources"
            " WHERE type = 'google_storage_bucket' AND id = ?",
            (bucket,),
        )
        if period is None or not period[0]:
            return ""
        query = "SELECT max(created) FROM objects WHERE bucket = ? AND ? IN ('', name)"
        row = self._database.one(query, (bucket, name))
        if row is None or row[0] is None:
            return ""
        until = datetime.fromisoformat(row[0]) + timedelta(seconds=int(period[0]))
        return until.isoformat(timespec="seconds") if until > datetime.now(UTC) else ""

    def _release(self, bucket: str, name: str) -> None:
        if until := self.retained(bucket, name):
            raise Retained(f"gs://{bucket}/{name}: its bucket's retention policy keeps it until {until}; wait for that")

    def find(self, bucket: str, prefix: str = "") -> list[StoredObject]:
        """The objects of a bucket by name, without their data."""
        query = f"SELECT {_DESCRIBED} FROM objects WHERE bucket = ? AND substr(name, 1, ?) = ? ORDER BY name"
        return [_object(row) for row in self._database.all(query, (bucket, len(prefix), prefix))]


def _generation(write: Any, bucket: str, name: str) -> int:
    row = write("SELECT generation FROM objects WHERE bucket = ? AND name = ?", (bucket, name)).fetchone()
    return 0 if row is None else int(row[0])


def _expect(bucket: str, name: str, current: int, wanted: int | None) -> None:
    if wanted is not None and wanted != current:
        found = f"generation {current}" if current else "no such object"
        raise PreconditionFailed(f"gs://{bucket}/{name}: expected generation {wanted}, found {found}; read it again")


def _object(row: tuple[Any, ...]) -> StoredObject:
    bucket, name, generation, metageneration, size, content_type, metadata, created, updated, md5 = row[:10]
    return StoredObject(
        bucket, name, b"", generation, metageneration, size, content_type, json.loads(metadata), created, updated, md5
    )


def _dump(values: dict[str, str]) -> str:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)
