"""Settings in, Terraform JSON out: synthesis is a process of its own, and its folder appears whole or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from operations.checking import check
from operations.graph import Graph
from operations.outcome import Exit, OperationFailed
from operations.synth_stamp import CODE, fresh, sources, stamp
from settings.problems import InvalidSettings, Problem

TEMPORARY = ".synth-"


def synth(settings: Path, out: Path, *, code: Path | None = None) -> Graph:
    """Synthesize a settings folder into `out` (replaced whole), with the program's code or that in another folder.

    Nothing is done where `out` already is what would be made. Raises InvalidSettings, or OperationFailed with the
    engine's words.
    """
    if code is None:
        check(settings)
    settings, out, code = settings.absolute(), out.absolute(), code or CODE
    made_of = sources(settings, code)
    if fresh(out, made_of):
        return Graph.read(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=out.parent))
    except OSError as error:
        raise OperationFailed(str(out), f"cannot be written ({error.strerror})", "choose another --out") from None
    try:
        _run(settings, work / "new", code)
        stamp(work / "new", made_of)
        _replace(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Graph.read(out)


def _run(settings: Path, out: Path, code: Path) -> None:
    # Danger: the engine is a node child; PYTHONDONTWRITEBYTECODE would make its 3 s of imports a matter of every run.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "stacks.app", str(settings), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=code)
    words = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode == Exit.BAD_INPUT:
        raise InvalidSettings(Problem.told(line) for line in words)
    if done.returncode:
        last = words[-1] if words else "the engine failed without a word"
        raise OperationFailed("synth", last, "run 'blueprint doctor'")


def _replace(work: Path, out: Path) -> None:
    try:
        if out.exists():
            out.rename(work / "old")
        (work / "new").rename(out)
    except OSError as error:
        raise OperationFailed(str(out), f"cannot be replaced ({error.strerror})", "choose another --out") from None
