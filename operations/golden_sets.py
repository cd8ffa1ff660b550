"""Golden sets and tuning data as their owners work with them: corrections proposed and decided, rows for a job."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from operations.evaluations import KEPT, RESULTS
from operations.evaluations import Desk as Evaluations
from operations.generative import defects, golden_sets, opened
from operations.reviews import ratings
from operations.writing import write
from pipelines.genai import golden, lines, results, tuning
from pipelines.genai.corrections import FILE, ITEMS, Correction, Desk
from pipelines.genai.evaluation import Run
from pipelines.genai.lint import Finding
from settings.writing import alone


def linted(assets: Path, settings: Path, name: str = "", *, kept: Path = KEPT) -> list[Finding]:
    """What is wrong with a golden set, or with each; whether it is saturated is seen by the runs that are kept."""
    found = opened(assets, settings)[0]
    sets = [found.golden(one) for one in ([name] if name else golden_sets(found))]
    return [finding for one in sets for finding in defects(found, one, results.history(kept / RESULTS, one.items))]


def corrections(assets: Path, settings: Path, name: str) -> Desk:
    """The corrections of golden set `name`."""
    found = opened(assets, settings)[0]
    return Desk(found.golden(name), found.folder / "golden" / name)


def proposed(desk: Evaluations, run: Run, today: date) -> list[Correction]:
    """Write down what reviews and a run say about references; only what is new."""
    asked = desk.evaluation.golden
    it = Desk(asked, desk.assets.folder / "golden" / asked.name)
    with alone(it.folder):
        new = it.proposals(run, ratings(desk), today)
        if new:
            write(it.folder / FILE, lines.written([*it.known, *new]))
    return new


def decided(it: Desk, id_: str, by: str, today: date, *, accept: bool) -> Correction:
    """Accept or reject a proposal; the item is corrected first, and the set waits to be sealed.

    Killed before the decision was written down, the same command finds the corrected item and goes on.
    """
    with alone(it.folder):
        it = Desk(golden.read(it.folder), it.folder)
        done, items = it.decided(id_, by, today, accept=accept)
        if accept:
            write(it.folder / ITEMS, items)
        write(it.folder / FILE, lines.written(done if one.id == id_ else one for one in it.known))
    return done


def rows_for_tuning(assets: Path, settings: Path, name: str, path: Path) -> tuning.TuningSet:
    """Write tuning set `name` as a tuning job reads it, where nothing is wrong with it."""
    it = tuning.usable(opened(assets, settings)[0], name)
    write(path, tuning.as_vertex(it))
    return it
