"""The answers of a run as they lie on disk: one is read when it is looked at, and none is kept.

What a summary needs of every answer, its scores and slices, is small; the steps of all of them are not.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from pipelines.genai import lines
from pipelines.genai.scoring import Scored


class Kept(Sequence[Scored]):
    """Answers of a file, in an order, each by where its line begins."""

    def __init__(self, path: Path, starts: Iterable[int]) -> None:
        self._path, self._starts = path, array("q", starts)

    @classmethod
    def whole(cls, path: Path) -> Kept:
        """Every answer of a file. Raises InvalidSettings with the first line that is none."""
        return cls(path, (start for start, _ in lines.placed(path, Scored)))

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Scored]:
        yield from self._read(self._starts)

    @overload
    def __getitem__(self, which: int) -> Scored: ...
    @overload
    def __getitem__(self, which: slice) -> list[Scored]: ...
    def __getitem__(self, which: int | slice) -> Scored | list[Scored]:
        if isinstance(which, slice):
            return list(self._read(self._starts[which]))
        return next(self._read([self._starts[which]]))

    def _read(self, starts: Iterable[int]) -> Iterator[Scored]:
        with self._path.open("rb") as file:
            for start in starts:
                file.seek(start)
                yield Scored.model_validate_json(file.readline())


@dataclass(frozen=True, slots=True)
class Row:
    """What is kept of every answer for summaries and gates. `number` is its place in the run."""

    number: int
    id: str
    repeat: int
    slices: dict[str, str]
    synthetic: bool
    empty: bool
    tokens: int
    scores: dict[str, float]
    judge_error: str


def rows(items: Iterable[Scored]) -> tuple[Row, ...]:
    """The rows of answers; slices that are the same are kept once."""
    known: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    return tuple(
        Row(number, one.id, one.repeat, known.setdefault(tuple(one.slices.items()), one.slices), one.synthetic,
            not one.answer.strip(), one.tokens, one.scores, one.judge_error)
        for number, one in enumerate(items)
    )  # fmt: skip


def begun(path: Path) -> dict[tuple[str, int], int]:
    """Where each finished answer of a run begins, by item and repeat. A last line that is not finished is cut off."""
    if not path.exists():
        return {}
    with path.open("r+b") as file:
        file.truncate(_finished(path))
    return {(one.id, one.repeat): start for start, one in lines.placed(path, Scored)}


def _finished(path: Path) -> int:
    """How many bytes of a file are whole lines."""
    size = whole = 0
    with path.open("rb") as file:
        for line in file:
            size += len(line)
            whole = size if line.endswith(b"\n") else whole
    return whole
