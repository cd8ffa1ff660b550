"""One process at a time: a lock that dies with its holder and says who that is."""

import fcntl
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sandbox.errors import SandboxError


class SandboxBusy(SandboxError):  # noqa: N818
    """Another process runs this sandbox; the message says which."""


@contextmanager
def exclusively(lock: Path) -> Iterator[None]:
    """Hold the lock file during the block; SandboxBusy while another holds it, whatever a dead one wrote into it.

    Raises OSError where the file cannot be made.
    """
    file = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SandboxBusy(f"{lock.parent}: in use by {_holder(file)}; wait for it, or stop it") from None
        _write(file, json.dumps(_self()))
        try:
            yield
        finally:
            # The file stays: unlinking it would let two processes lock two different files of the same name.
            _write(file, "")
    finally:
        os.close(file)


def _self() -> dict[str, str | int]:
    return {
        "pid": os.getpid(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "host": socket.gethostname(),
    }


def _write(file: int, text: str) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, text.encode(), 0)


def _holder(file: int) -> str:
    try:
        holder = json.loads(os.pread(file, 65536, 0))
        return f"process {holder['pid']} on {holder['host']} since {holder['started']} ({holder['command']})"
    except (ValueError, KeyError, TypeError):
        return "a process that has only just begun"
