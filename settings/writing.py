"""Writes settings so that a reader sees the old file or the new one, and never half of one."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from settings.problems import InvalidSettings, Problem

NEW_FILE = 0o666


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what the operating system refuses into InvalidSettings with the way out."""
    try:
        yield
    except OSError as error:
        problem = Problem(
            str(path), f"cannot be written ({error.strerror})", "nothing was changed; free the way and repeat"
        )
        raise InvalidSettings([problem]) from None


def write(path: Path, text: str) -> None:
    """Puts `text` in place of a file at once: on any error the file is as it was. An existing file keeps its mode."""
    with explained(path):
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fchmod(file.fileno(), _mode(target))
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink(missing_ok=True)
            raise
        sync_folder(target.parent)


def delete(path: Path) -> None:
    """Removes a file."""
    with explained(path):
        path.unlink()
        sync_folder(path.parent)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """While the block runs, everyone else who wants to be alone with a folder waits; who is killed holds nobody up."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Makes a new or removed name of a folder last beyond a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def umask() -> int:
    """The process's mask for new files."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _mode(target: Path) -> int:
    return stat.S_IMODE(target.stat().st_mode) if target.exists() else NEW_FILE & ~umask()
