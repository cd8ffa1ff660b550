"""Long-running operations and their threads."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from sandbox.api.operations import Operations
from sandbox.store import Store


def test_work_that_outlives_its_server_ends_quietly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[object] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    closed = threading.Event()
    with Store(tmp_path / "cloud.db") as store:
        operations = Operations(store)

        def work() -> dict[str, object]:
            closed.wait(10)
            return {}

        begun = operations.start("projects/p1/jobs/one", "", work)
        assert operations.get(begun["name"])["done"] is False
    closed.set()
    operations.wait()
    assert raised == []


def test_the_end_of_an_operation_that_a_full_disk_swallows_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    with Store(tmp_path / "cloud.db") as store:
        operations = Operations(store)

        def work() -> dict[str, object]:
            store.fail_once(sqlite3.OperationalError("database or disk is full"))
            return {}

        operations.start("projects/p1/jobs/one", "", work)
        operations.wait()
    (told,) = raised
    assert "the disk is full; free some space" in str(told.exc_value)
