"""Generative operations: items scored a second, memory, the gate, a drift test, the lint of many items, growth.

The first run brings the libraries of the metrics in; what an item takes is measured on the many after it.
"""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from operations.evaluations import Desk
from operations.generative import defects
from pipelines.genai import evaluation as evaluations
from pipelines.genai.drift.lab import compare
from pipelines.genai.drift.traffic import made
from pipelines.genai.evaluation import Evaluation
from pipelines.genai.golden import GoldenSet
from tests.bench.numbers import ROOT, SETTINGS, Number


def measure(work: Path) -> Iterable[Number]:
    """Measure it all below `work`."""
    desk = Desk.opened(ROOT / "pipelines/genai", SETTINGS, "assistant", kept=work / "genai")
    yield Number("genai: first run of the example, libraries included (stub)", _seconds(desk.run), "s", 30)
    run = desk.run()
    many = _many(desk, 5_000)
    took = _seconds(lambda: evaluations.run(many, desk.writer, work / "many"))
    yield Number("genai: items through the chain and scored, a second (stub)", 5_000 / took, "/s")
    tracemalloc.start()
    few = evaluations.run(_many(desk, 500), desk.writer, work / "few")
    items, held = len(few.rows), tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    yield Number("genai: memory of an item of a run", held / items / 2**10, "KiB", 4)
    gate = _seconds(lambda: desk.judged(run, desk.kept_run("release"), date(2026, 11, 25)))
    yield Number("genai: the gate's verdict", gate, "s", 5)
    tracemalloc.start()
    yield Number("genai: seven drift tests, 200 texts against 200", _seconds(_drift), "s", 5)
    yield Number("genai: memory of the drift tests", tracemalloc.get_traced_memory()[1] / 2**20, "MiB", 200)
    tracemalloc.stop()
    ten, hundred = (_seconds(partial(defects, desk.assets, _written(desk, size))) for size in (10_000, 100_000))
    yield Number("genai: lint of 100 000 items", hundred, "s", 60)
    yield Number("genai: growth of it for ten times the items", hundred / ten, "x", 40)


def _many(desk: Desk, size: int) -> Evaluation:
    """The evaluation with so many items that it has its questions again and again."""
    golden = desk.evaluation.golden
    asked = islice(cycle(golden.split("test")), size - len(golden.attacks))
    items = tuple(one.model_copy(update={"id": f"many-{number}"}) for number, one in enumerate(asked))
    return replace(desk.evaluation, golden=replace(golden, items=items))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _drift() -> object:
    return compare(made(200, 1), made(200, 2, shift="topic", share=0.3))


def _written(desk: Desk, size: int) -> GoldenSet:
    """The golden set with so many items, each with a question of its own."""
    generator, golden = random.Random(0), desk.evaluation.golden
    words = [f"word{number}" for number in range(5000)]
    items = tuple(
        one.model_copy(update={"id": f"many-{number}", "question": " ".join(generator.choices(words, k=12))})
        for number, one in enumerate(islice(cycle(golden.items), size))
    )
    return replace(golden, items=items)
