"""Long-running operations and their threads."""

from __future__ import annotations

import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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


@pytest.fixture
def hectic() -> Iterator[None]:
    """Threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hectic")
def test_whatever_begins_at_the_same_moment_is_waited_for(tmp_path: Path) -> None:
    with Store(tmp_path / "cloud.db") as store:
        for _ in range(30):
            operations, together, done = Operations(store), threading.Barrier(8), list[int]()

            def begin(operations: Operations, together: threading.Barrier, done: list[int], number: int) -> None:
                def work() -> dict[str, object]:
                    time.sleep(0.02)
                    done.append(number)
                    return {}

                together.wait()
                operations.start("projects/p1/jobs/one", "", work)

            with ThreadPoolExecutor(8) as crowd:
                for begun in [crowd.submit(begin, operations, together, done, number) for number in range(8)]:
                    begun.result()
            operations.wait()
            assert sorted(done) == list(range(8))


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
