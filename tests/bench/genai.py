"""Generative operations: items scored a second, the gate, a drift test, the lint of a large golden set, growth."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from operations.evaluations import Desk
from pipelines.genai.drift.lab import compare
from pipelines.genai.drift.traffic import made
from pipelines.genai.nearness import near_pairs
from tests.bench.numbers import ROOT, SETTINGS, Number


def measure(work: Path) -> Iterable[Number]:
    """Measure it all below `work`."""
    desk = Desk.opened(ROOT / "pipelines/genai", SETTINGS, "assistant", kept=work / "genai")
    seconds = _seconds(desk.run)
    run = desk.run()
    yield Number("genai: items through the chain and scored, a second (stub)", len(run.items) / seconds, "/s")
    gate = _seconds(lambda: desk.judged(run, desk.kept_run("release"), date(2026, 11, 25)))
    yield Number("genai: the gate's verdict", gate, "s", 5)
    tracemalloc.start()
    yield Number("genai: seven drift tests, 200 texts against 200, 999 permutations", _seconds(_drift), "s", 5)
    yield Number("genai: memory of the drift tests", tracemalloc.get_traced_memory()[1] / 2**20, "MiB", 200)
    tracemalloc.stop()
    ten, hundred = (_seconds(lambda n=n: list(near_pairs(_texts(n)))) for n in (10_000, 100_000))  # type: ignore[misc]
    yield Number("genai: near duplicates among 100 000 items", hundred, "s", 30)
    yield Number("genai: growth of it for ten times the items", hundred / ten, "x", 15)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _drift() -> object:
    return compare(made(200, 1), made(200, 2, shift="topic", share=0.3))


def _texts(size: int) -> list[str]:
    generator = random.Random(0)
    words = [f"word{number}" for number in range(5000)]
    return [" ".join(generator.choices(words, k=12)) for _ in range(size)]
