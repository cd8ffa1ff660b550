"""`make bench`: every number beside what it is compared with in the same run; nothing asserts a time.

Prints a table and writes .sandbox/bench.json. `python -m tests.bench synth deploy` measures only these subjects; each
is a file of this folder with `measure(work) -> numbers`. Seconds are wall clock, memory is a command's largest process.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from sandbox.schema import cached
from tests.bench.numbers import ROOT, Number

HERE = Path(__file__).parent
SUBJECTS = sorted(p.stem for p in HERE.glob("[a-z]*.py") if p.stem != "numbers")


def main(wanted: list[str]) -> None:
    if unknown := set(wanted) - set(SUBJECTS):
        sys.exit(f"{', '.join(sorted(unknown))}: not measured here; choose from {', '.join(SUBJECTS)}")
    # Danger: without bytecode the documented import would look five times worse than it is.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    cached(ROOT / ".sandbox/schema")
    numbers: list[Number] = []
    for subject in wanted or SUBJECTS:
        with tempfile.TemporaryDirectory() as folder:
            for number in import_module(f"tests.bench.{subject}").measure(Path(folder)):
                numbers.append(number)
                print(number, flush=True)
    out = ROOT / ".sandbox/bench.json"
    out.write_text(json.dumps([asdict(n) | {"verdict": n.verdict} for n in numbers], indent=2) + "\n")
    print(f"written to {out.relative_to(ROOT)}; python {sys.version.split()[0]}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main(sys.argv[1:])
