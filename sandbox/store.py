"""What exists in the sandbox: resources, the objects of its buckets, and the numbers Google hands out."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from sqlite3 import Error
from typing import Any

from sandbox.database import Database
from sandbox.documents import Documents
from sandbox.objects import Objects

Values = dict[str, Any]

MEMBER = "member"


class Store:
    """Resources, objects and numbers in one SQLite file; safe for many threads and several processes at once.

    Every problem with the file surfaces as a SandboxError; a file that is not a sandbox is never written to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path)
        self.documents, self.objects = Documents(self._database), Objects(self._database)
        self._revisions: Counter[str] = Counter()
        self._matched: dict[tuple[str, ...], tuple[int, tuple[str, ...]]] = {}
        self._trials = 0

    def put(self, type_: str, id_: str, values: Values) -> None:
        """Remember a resource, replacing what was known about it; a kept one lives again."""
        with self._database.writing() as write:
            write(
                "INSERT INTO resources VALUES (?, ?, ?)"
                " ON CONFLICT (type, id) DO UPDATE SET content = excluded.content",
                (type_, id_, _dump(values)),
            )
            self._changed(type_, values)
            write("DELETE FROM kept WHERE type = ? AND id = ?", (type_, id_))

    def create(self, type_: str, id_: str, values: Values) -> bool:
        """Remember a new resource; False, and nothing changed, when it exists already."""
        with self._database.writing() as write:
            made = write("INSERT OR IGNORE INTO resources VALUES (?, ?, ?)", (type_, id_, _dump(values))).rowcount == 1
            if made:
                self._changed(type_, values)
                write("DELETE FROM kept WHERE type = ? AND id = ?", (type_, id_))
            return made

    def _changed(self, type_: str, values: Values) -> None:
        self._revisions[type_] += 1
        for member in values.get("members") or [values.get("member")]:
            self._revisions[f"{MEMBER} {member}"] += 1
        if values.get("policy_data"):
            self._revisions[MEMBER] += 1

    def revision(self, types: Iterable[str]) -> tuple[int, ...]:
        """Something that differs as soon as a resource of these types was made, changed or deleted by anybody.

        `MEMBER x` stands for all that is granted to x, MEMBER alone for anything deleted and for whole policies.
        """
        (others,) = self._database.all("PRAGMA data_version")[0]
        return (others, self._trials, *(self._revisions[type_] for type_ in types))

    def revision_matching(self, *patterns: str) -> tuple[int, ...]:
        """As `revision`, for all types that match one of the globs."""
        names = list(self._revisions)
        size, found = self._matched.get(patterns, (-1, ()))
        if size != len(names):
            found = tuple(name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns))
            self._matched[patterns] = len(names), found
        return (sum(self._revisions[name] for name in found), *self.revision(()))

    def get(self, type_: str, id_: str) -> Values | None:
        row = self._database.one("SELECT content FROM resources WHERE type = ? AND id = ?", (type_, id_))
        return None if row is None else _load(row[0])

    def has(self, type_: str, id_: str) -> bool:
        """Does this resource live?"""
        return self._database.one("SELECT 1 FROM resources WHERE type = ? AND id = ?", (type_, id_)) is not None

    def delete(self, type_: str, id_: str, *, keep: bool = False) -> None:
        """Forget a resource; with `keep` its id stays taken for ever, as Google does with key rings and project ids."""
        with self._database.writing() as write:
            if keep:
                write(
                    "INSERT OR REPLACE INTO kept SELECT type, id, content FROM resources WHERE type = ? AND id = ?",
                    (type_, id_),
                )
            self._revisions[type_] += 1
            self._revisions[MEMBER] += 1
            write("DELETE FROM resources WHERE type = ? AND id = ?", (type_, id_))
            write("DELETE FROM documents WHERE kind = ? AND name = ?", (type_, id_))

    def find(self, type_: str) -> list[tuple[str, Values]]:
        """All resources of a type, by id."""
        rows = self._database.all("SELECT id, content FROM resources WHERE type = ? ORDER BY id", (type_,))
        return [(id_, _load(content)) for id_, content in rows]

    def under(self, type_: str, prefix: str) -> list[tuple[str, Values]]:
        """The resources of a type whose ids start with `prefix`, by id; quick however many others there are."""
        query = "SELECT id, content FROM resources WHERE type = ? AND id >= ? AND id < ? ORDER BY id"
        rows = self._database.all(query, (type_, prefix, prefix + chr(0x10FFFF)))
        return [(id_, _load(content)) for id_, content in rows]

    def everything(self) -> Iterator[tuple[str, str, Values]]:
        """All living resources as (type, id, values)."""
        for type_, id_, content in self._database.all("SELECT type, id, content FROM resources ORDER BY type, id"):
            yield type_, id_, _load(content)

    def matching(self, *patterns: str) -> Iterator[tuple[str, str, Values]]:
        """Living resources whose type matches one of the globs, as (type, id, values)."""
        wanted = " OR ".join("type GLOB ?" for _ in patterns)
        query = f"SELECT type, id, content FROM resources WHERE {wanted} ORDER BY type, id"
        for type_, id_, content in self._database.all(query, patterns):
            yield type_, id_, _load(content)

    def granted_to(self, member: str) -> Iterator[tuple[str, str, Values]]:
        """The grants of roles that name a member, as (type, id, values)."""
        query = (
            "SELECT type, id, content FROM resources WHERE (type GLOB '*_iam_member' AND content ->> '$.member' = ?)"
            " OR (type GLOB '*_iam_binding' AND instr(content, ?))"
            " OR (type GLOB '*_iam_policy' AND instr(content, ?))"
        )
        for type_, id_, content in self._database.all(query, (member, json.dumps(member), member)):
            yield type_, id_, _load(content)

    def count(self) -> int:
        """How many resources live."""
        return int(self._database.all("SELECT count(*) FROM resources")[0][0])

    def count_of(self, type_: str, attribute: str, value: str) -> int:
        """How many resources of a type have this value in a top-level attribute."""
        query = "SELECT count(*) FROM resources WHERE type = ? AND content ->> ? = ?"
        return int(self._database.all(query, (type_, f"$.{attribute}", value))[0][0])

    def kept(self) -> list[tuple[str, str]]:
        """What was destroyed but can never be created anew: (type, id)."""
        return [(type_, id_) for type_, id_ in self._database.all("SELECT type, id FROM kept ORDER BY type, id")]

    def get_kept(self, type_: str, id_: str) -> Values | None:
        """What a kept resource was when it was destroyed."""
        row = self._database.one("SELECT content FROM kept WHERE type = ? AND id = ?", (type_, id_))
        return None if row is None else _load(row[0])

    def number(self, purpose: str, key: str) -> int:
        """The 12-digit number of `key`: always the same, and no other key of the same purpose has it."""
        known = "SELECT number FROM numbers WHERE purpose = ? AND key = ?"
        row = self._database.one(known, (purpose, key))
        if row is not None:
            return int(row[0])
        with self._database.writing() as write:
            for attempt in range(1000):
                digest = hashlib.sha256(f"{purpose}\0{key}\0{attempt}".encode()).digest()
                number = 100_000_000_000 + int.from_bytes(digest[:8]) % 900_000_000_000
                write("INSERT OR IGNORE INTO numbers VALUES (?, ?, ?)", (purpose, key, number))
                row = write(known, (purpose, key)).fetchone()
                if row is not None:
                    return int(row[0])
        raise AssertionError("a thousand collisions in a row")

    def numbered(self, purpose: str, number: int) -> str | None:
        """Whose number this is; None where it was never handed out."""
        row = self._database.one("SELECT key FROM numbers WHERE purpose = ? AND number = ?", (purpose, number))
        return None if row is None else str(row[0])

    def has_number(self, purpose: str, key: str) -> bool:
        """Was a number of this purpose handed out to `key`?"""
        return self._database.one("SELECT 1 FROM numbers WHERE purpose = ? AND key = ?", (purpose, key)) is not None

    def numbered_keys(self, purpose: str) -> list[str]:
        """Everything that has a number of this purpose."""
        return [str(key) for (key,) in self._database.all("SELECT key FROM numbers WHERE purpose = ?", (purpose,))]

    def snapshot(self, target: Path) -> None:
        """Copy everything, consistently, into a new file."""
        self._database.copy_to(target)

    def fail_once(self, failure: Error) -> None:
        """Let the next write fail as SQLite fails, for a fault plan."""
        self._database.next_failure = failure

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Try something out: whatever is written in the block is forgotten at its end."""
        with self._database.trial():
            yield
        self._trials += 1

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that the block writes is kept, or where it fails none of it."""
        try:
            with self._database.writing():
                yield
        except BaseException:
            self._trials += 1
            raise

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _dump(values: Any) -> str:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)


def _load(content: str) -> Any:
    return json.loads(content)
