"""Access by question: all questions of the example estate, from synthesized stacks to answers."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from operations.access.asking import access_of_graph
from operations.access.questions import read_questions, wrong
from operations.graph import Graph
from settings.loading import read
from tests.bench.numbers import PYTHON, SETTINGS, Number, timed


def measure(work: Path) -> Iterable[Number]:
    timed(PYTHON, "-m", "stacks.app", str(SETTINGS), str(work / "out"))
    it, questions = read(SETTINGS), read_questions()
    begin = time.perf_counter()
    access = access_of_graph(it, Graph.read(work / "out"))
    prepared = len(access.policies.grants)
    read_in = time.perf_counter()
    missed = len(wrong(access, questions))
    asked = time.perf_counter()
    yield Number(f"reading the access of the estate ({prepared} places with grants)", read_in - begin, "s", 2)
    yield Number(f"{len(questions)} access questions", asked - read_in, "s", 1)
    yield Number("questions answered otherwise than wanted", missed, "", 0)
