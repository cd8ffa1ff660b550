"""Processes that die between two effects, at every one of them; nothing is done after it, not even cleaning up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

READS = ("GET", "HEAD")


class Died(BaseException):
    """The process is gone."""


@contextmanager
def dying(after: int | None) -> Iterator[list[str]]:
    """A process that dies `after` so many effects, if it does: files that it writes, requests that change something."""
    done: list[str] = []

    def counted(do: Callable[..., Any], told: Callable[..., str]) -> Callable[..., Any]:
        def act(*given: Any, **options: Any) -> Any:
            if threading.current_thread() is not threading.main_thread() or not (name := told(*given)):
                return do(*given, **options)
            if len(done) == after:
                raise Died
            made = do(*given, **options)
            done.append(name)
            if len(done) == after:
                raise Died
            return made

        return act

    def request(_: Any, asked: Any, *__: Any) -> str:
        return "" if asked.method in READS else f"{asked.method} {asked.path_url}"

    with pytest.MonkeyPatch.context() as patch, suppress(Died):
        patch.setattr(Path, "replace", counted(Path.replace, lambda _, to: str(to)))
        patch.setattr(requests.Session, "send", counted(requests.Session.send, request))
        yield done
