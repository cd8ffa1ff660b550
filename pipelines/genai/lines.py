"""JSON lines, read whole or not at all: every broken line is named with its file and number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from settings.loading import parse
from settings.problems import InvalidSettings, Problem

MOST_TOLD = 50
Record = TypeVar("Record", bound=BaseModel)


def digest(value: Any) -> str:
    """The content hash of a JSON value: the same content has the same hash on every computer."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def records(path: Path, kind: type[Record], place: str = "") -> list[Record]:
    """The records of a file. Raises InvalidSettings with the number of each line that is none."""
    return [record for _, record in numbered(path, kind, place)]


def numbered(path: Path, kind: type[Record], place: str = "") -> list[tuple[int, Record]]:
    """The records of a file, each with the number of its line; empty lines are passed over."""
    place = place or str(path)
    return _numbered(_raw(path, place), kind, place)


def placed(path: Path, kind: type[Record], place: str = "") -> Iterator[tuple[int, Record]]:
    """The records of a file one by one, each with where its line begins. Raises at the first line that is none."""
    start, adapter = 0, TypeAdapter(kind)
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if raw.strip():
                    yield start, _record(raw, adapter, f"{place or path}:{number}")
                start += len(raw)
    except OSError as error:
        raise InvalidSettings([_unreadable(place or str(path), error)]) from None


def of_text(content: str, kind: type[Record], place: str) -> list[Record]:
    """The records of a text that is no file."""
    return [record for _, record in _numbered(content.encode().split(b"\n"), kind, place)]


def _numbered(rows: list[bytes], kind: type[Record], place: str) -> list[tuple[int, Record]]:
    found: list[tuple[int, Record]] = []
    problems: list[Problem] = []
    adapter = TypeAdapter(kind)
    for number, raw in enumerate(rows, 1):
        if not raw.strip():
            continue
        try:
            found.append((number, _record(raw, adapter, f"{place}:{number}")))
        except InvalidSettings as error:
            problems += error.problems
            if len(problems) >= MOST_TOLD:
                break
    if problems:
        raise InvalidSettings(problems)
    return found


def written(items: Iterable[BaseModel]) -> str:
    """Records as JSON lines; what is left at its default is not written."""
    return "".join(
        json.dumps(item.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False) + "\n" for item in items
    )


def unlike(found: str, wanted: str, place: str, what: str, way_out: str) -> Iterator[Problem]:
    """The problem that a hash is not the one that was written down."""
    if found != wanted:
        yield Problem(place, f"{what} is {found[:12]}, written down is {wanted[:12]}", way_out)


def text(path: Path, place: str = "") -> str:
    """The text of a file. Raises InvalidSettings where it is not there or not UTF-8."""
    raw = b"\n".join(_raw(path, place or str(path)))
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InvalidSettings([_not_utf8(f"{place or path}:{line}")]) from None


def _raw(path: Path, place: str) -> list[bytes]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidSettings([_unreadable(place, error)]) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidSettings([Problem(place, "is UTF-16", "save it as UTF-8")])
    return content.removeprefix(b"\xef\xbb\xbf").split(b"\n")


def _record(raw: bytes, adapter: TypeAdapter[Record], place: str) -> Record:
    try:
        return adapter.validate_json(raw)
    except ValidationError:
        pass
    try:
        document = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidSettings([_not_utf8(place)]) from None
    except ValueError as error:
        told = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        problem = Problem(place, f"is not JSON ({told})", "write one JSON object on the line")
        raise InvalidSettings([problem]) from None
    found: Record = parse(adapter, document, place)
    return found


def _unreadable(place: str, error: OSError) -> Problem:
    return Problem(place, f"cannot be read ({error.strerror})", "write it, or correct the name")


def _not_utf8(place: str) -> Problem:
    return Problem(place, "is not UTF-8; the file mixes encodings or is in another one", "save the whole file as UTF-8")
