"""`make up` in a fresh clone: with an empty cache and home, then again."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from tests.bench.numbers import ROOT, Number


def measure(work: Path) -> Iterable[Number]:
    clone, home = work / "clone", work / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    fresh = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "VIRTUAL_ENV"))}
    fresh |= {"HOME": str(home), "PIP_CACHE_DIR": str(home / "pip")}
    numbers = []
    for name, limit in (("make up, fresh clone, empty cache", 300), ("make up again", 60)):
        begin = time.perf_counter()
        subprocess.run(["make", "up"], cwd=clone, env=fresh, check=True, stdout=subprocess.DEVNULL)
        numbers.append(Number(name, time.perf_counter() - begin, "s", limit))
    return numbers
