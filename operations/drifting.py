"""Drift as a team watches it: live questions against those evaluated, and whether the tests can be trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import get_args

from operations.generative import opened
from operations.writing import write
from pipelines.genai import lines
from pipelines.genai.drift import calibration, lab
from pipelines.genai.drift.traffic import Logged, Shift, made
from pipelines.genai.drift.watching import sample
from settings.problems import InvalidSettings, Problem

SERIES = Path(".sandbox/genai/drift.jsonl")
EVENT = "genai-drift"
"""What the alert policy of the estate looks for in the log."""
SHIFTS = get_args(Shift)


def compared(
    assets: Path,
    settings: Path,
    golden: str,
    traffic: Path,
    reference: Path | None,
    *,
    alpha: float,
    size: int,
    seed: int = 0,
    embed: lab.Embed = lab.local,
    series: Path = SERIES,
) -> list[lab.Moved]:
    """Every test of a sample of the traffic, and one line more of the series that an alert looks at.

    The reference is the traffic of the time of the evaluation where there is a file of it, else the golden set.
    """
    live = sample(_questions(traffic), size, seed)
    before = (
        sample(_questions(reference), size, seed)
        if reference
        else [one.question for one in opened(assets, settings)[0].golden(golden).items]
    )
    found = lab.compare(before, live, embed=embed, alpha=alpha)
    kept = series.read_text(encoding="utf-8") if series.exists() else ""
    write(series, kept + event(traffic, found) + "\n")
    return found


def _questions(log: Path) -> list[str]:
    return [one.question for _, one in lines.placed(log, Logged)]


def event(traffic: Path, found: list[lab.Moved]) -> str:
    """The line of a log that an alert is made of."""
    line = {"event": EVENT, "traffic": traffic.name, "drifted": any(moved.drifted for moved in found)}
    return json.dumps(line | {"tests": [asdict(moved) for moved in found]})


def simulated(path: Path, *, size: int, seed: int, shift: str, share: float) -> Path:
    """Write made-up traffic whose shift is known."""
    if shift not in SHIFTS:
        raise InvalidSettings([Problem("--shift", f"no shift '{shift}'", f"choose of {', '.join(SHIFTS)}")])
    write(path, lines.written(Logged(question=text) for text in made(size, seed, shift=shift, share=share)))  # type: ignore[arg-type]
    return path


def calibrated(runs: int, alpha: float) -> Iterator[tuple[calibration.Rate, bool]]:
    """The false alarms of every test, each with whether they are within what chance allows."""
    _, most = calibration.interval(runs, alpha)
    for rate in calibration.null(runs, alpha=alpha):
        yield rate, rate.rejected <= most


def powers(runs: int, alpha: float) -> Iterator[calibration.Rate]:
    """Power curves."""
    yield from calibration.power(runs, alpha=alpha)
