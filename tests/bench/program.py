"""The program itself: how long a person waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.bench.numbers import BLUEPRINT, Number, median, timed


def measure(_: Path) -> Iterable[Number]:
    return [
        Number("blueprint --help", median(lambda: timed(BLUEPRINT, "--help")[0], 5), "s", 0.3),
        Number("blueprint check", median(lambda: timed(BLUEPRINT, "check")[0], 5), "s", 1),
    ]
