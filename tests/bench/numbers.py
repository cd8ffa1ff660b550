"""What a bench measures: one number beside its limit, and how it is taken."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "settings"
PYTHON = sys.executable
BLUEPRINT = str(Path(PYTHON).with_name("blueprint"))


@dataclass
class Number:
    """One measured number; `limit` is what the project promises, None for what is only shown."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def verdict(self) -> str:
        return "" if self.limit is None else ("ok" if self.value <= self.limit else "MISSED")

    def __str__(self) -> str:
        limit = "" if self.limit is None else f"at most {self.limit:g}"
        return f"{self.name:<66} {self.value:>9.3f} {self.unit:<4} {limit:<14} {self.verdict}".rstrip()


def timed(*command: str, cwd: Path = ROOT) -> tuple[float, float]:
    """Seconds and MiB of one command."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, code, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def median(measure: Callable[[], float], times: int = 3) -> float:
    """The middle of a few runs."""
    return sorted(measure() for _ in range(times))[times // 2]
