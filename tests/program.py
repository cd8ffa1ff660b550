"""The program as a person runs it: its own process, in a folder of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLUEPRINT = Path(sys.executable).with_name("blueprint")
EXAMPLE = ("--settings", str(ROOT / "settings"))


def blueprint(*words: str, cwd: Path, timeout: int = 600) -> subprocess.CompletedProcess[str]:
    """Run the program; a traceback is never acceptable, whatever the exit code."""
    done = subprocess.run([BLUEPRINT, *words], cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    assert "this is a defect" not in done.stderr, done.stderr
    return done
