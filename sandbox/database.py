"""One SQLite file behind the store: how it is opened, locked and shared, and how its failures read."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError, StoreClosed

Execute = Callable[..., sqlite3.Cursor]

_APPLICATION = 0x53414E44  # marks the file as a sandbox
_VERSION = 2
_TABLES = """
CREATE TABLE IF NOT EXISTS resources (type TEXT, id TEXT, content TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept (type TEXT, id TEXT, content TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT, name TEXT, content TEXT NOT NULL, PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS numbers (
    purpose TEXT, key TEXT, number INTEGER NOT NULL, PRIMARY KEY (purpose, key), UNIQUE (purpose, number)
);
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT, name TEXT, generation INTEGER NOT NULL, metageneration INTEGER NOT NULL, size INTEGER NOT NULL,
    content_type TEXT NOT NULL, metadata TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
    digest TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (bucket, name)
);
"""
_WAYS_OUT = (
    ("disk is full", "the disk is full; free some space and run again, nothing was lost"),
    ("disk i/o", "the disk does not answer; check space and health of the disk, then run again"),
    ("readonly", "the file cannot be written; give yourself write permission or choose another folder"),
    ("unable to open", "the file cannot be opened; check that its folder exists and is yours to write"),
    ("locked", "another program holds the file; let it finish or stop it, then run again"),
    ("not a database", "this is not a sandbox; move the file away or choose another folder"),
    ("closed database", "the sandbox has ended; start it anew"),
    ("malformed", "the file is damaged; move it away to start empty, or restore a copy"),
)


class Database:
    """A connection that all threads share one at a time; every SQLite error comes out as a SandboxError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self.next_failure: sqlite3.Error | None = None
        """What the next write fails with, as if the disk or another program had caused it."""
        with self._readable():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        # Ask before the first write: a foreign database must come out of here byte for byte as it went in.
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != _APPLICATION:
            raise SandboxError(f"{self._path}: this database is not a sandbox; move it away or choose another folder")
        if version > _VERSION:
            raise SandboxError(
                f"{self._path}: written by a newer version; update this program or choose another folder"
            )
        (health,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if health != "ok":
            raise sqlite3.DatabaseError("malformed")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if not tables or version < _VERSION:
            self._connection.executescript(
                f"BEGIN IMMEDIATE;{_TABLES}PRAGMA application_id = {_APPLICATION};"
                f"PRAGMA user_version = {_VERSION};COMMIT;"
            )

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            kind = StoreClosed if "closed database" in str(error) else SandboxError
            raise kind(f"{self._path}: {_way_out(str(error))}") from error
        except OSError as error:
            raise SandboxError(f"{self._path}: {error.strerror or error}; choose a folder you can write to") from error

    @contextmanager
    def writing(self) -> Iterator[Execute]:
        """One transaction: all of it is kept, or on any exception none of it."""
        with self._lock, self._readable():
            inside = self._connection.in_transaction  # of a trial
            self._connection.execute("SAVEPOINT step" if inside else "BEGIN IMMEDIATE")
            try:
                self._fail()
                yield self._connection.execute
                self._connection.execute("RELEASE step" if inside else "COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK TO step" if inside else "ROLLBACK")
                raise

    def _fail(self) -> None:
        if (failure := self.next_failure) is not None:
            self.next_failure = None
            raise failure

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Everything that this thread writes until the block ends is forgotten then; other threads wait."""
        with self._lock, self._readable():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def one(self, query: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        with self._lock, self._readable():
            row: tuple[Any, ...] | None = self._connection.execute(query, parameters).fetchone()
            return row

    def all(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock, self._readable():
            return self._connection.execute(query, parameters).fetchall()

    def copy_to(self, target: Path) -> None:
        with self._lock, self._readable():
            copy = sqlite3.connect(target)
            try:
                self._connection.backup(copy)
            finally:
                copy.close()

    def close(self) -> None:
        with self._lock, self._readable():
            self._connection.close()


def _way_out(message: str) -> str:
    for sign, way_out in _WAYS_OUT:
        if sign in message.lower():
            return way_out
    return f"{message}; move the file away to start empty"
