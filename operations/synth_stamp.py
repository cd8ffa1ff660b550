"""Whether synthesized stacks still are what a synthesis would make: seconds are spared where nothing has changed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

CODE = Path(__file__).parents[1]
ROOMS = ("catalog_templates", "cloudbuild", "groups", "pipelines", "settings", "stacks")
ENGINE = ("cdktf", "cdktf-cdktf-provider-google", "cdktf-cdktf-provider-google-beta")
STAMP = "made-of.sha256"


def sources(settings: Path, code: Path = CODE) -> str:
    """A digest of all that a synthesis reads: settings, the rooms whose code it runs, and the engine."""
    engine = [sys.version, *map(version, ENGINE)]
    return _digest([str(settings), *engine, *_files(settings), *(it for room in ROOMS for it in _files(code / room))])


def stamp(out: Path, made_of: str) -> None:
    """Write down of what stacks were made, and what they are."""
    (out / STAMP).write_text(_told(out, made_of), encoding="utf-8")


def fresh(out: Path, made_of: str) -> bool:
    """Whether these stacks were made of just this, and nobody has touched them since."""
    file = out / STAMP
    return file.is_file() and file.read_bytes() == _told(out, made_of).encode()


def _told(out: Path, made_of: str) -> str:
    return f"{made_of}\n{_digest(_files(out))}\n"


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.name == STAMP or path.suffix == ".pyc":
            continue
        # What cannot be read, or is gone again, no synthesis reads.
        with suppress(OSError):
            yield f"{path.relative_to(folder)} {sha256(path.read_bytes()).hexdigest()}"


def _digest(lines: Iterator[str] | list[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()
