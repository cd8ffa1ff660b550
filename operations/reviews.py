"""Reviews by people: a form goes out, ratings come back and are kept with the evaluation; the judge is held to them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from operations.evaluations import Desk
from operations.writing import write
from pipelines.genai import gating, lines, review
from pipelines.genai.agreement import Calibration, calibrate
from pipelines.genai.evaluation import Run
from pipelines.genai.review import HumanRating
from settings.problems import Problem
from settings.writing import alone

RATINGS = "ratings.jsonl"


def exported(run: Run, path: Path, *, size: int, seed: int) -> int:
    """Write the form of a run; how many answers it asks about."""
    rows = review.form(run, size=size, seed=seed)
    write(path, review.written(rows, path))
    return len(rows)


def imported(desk: Desk, run: Run, path: Path, reviewer: str, today: date) -> tuple[int, int, list[Problem]]:
    """Keep the finished rows of a form; how many are kept and how many are empty, and what is wrong with others."""
    found, problems, empty = review.returned(run, path, reviewer, today)
    with alone(ratings_file(desk).parent):
        if found:
            write(ratings_file(desk), lines.written(review.merged(ratings(desk), found)))
    return len(found), empty, problems


def ratings_file(desk: Desk) -> Path:
    """Where the ratings of an evaluation lie."""
    return desk.assets.folder / "evaluations" / desk.evaluation.name / RATINGS


def ratings(desk: Desk) -> list[HumanRating]:
    """The ratings that are kept."""
    path = ratings_file(desk)
    return lines.records(path, HumanRating, f"evaluations/{desk.evaluation.name}/{RATINGS}") if path.exists() else []


def calibrated(desk: Desk) -> Calibration:
    """What is found about the judge; asked once for the same judge, items and ratings."""
    known, judge = ratings(desk), desk.evaluation.judge
    items = [item for item in desk.evaluation.golden.items if item.split in desk.evaluation.it.splits]
    about = [*desk.evaluation.judged_by(judge.label), desk.evaluation.golden.content]
    key = lines.digest([*about, *(rating.model_dump() for rating in known)])
    path = desk.kept / "calibrations" / f"{key[:16]}.json"
    if path.exists():
        return Calibration(**json.loads(path.read_text(encoding="utf-8")))
    found = calibrate(judge, items, known)
    write(path, json.dumps(found.as_json(), indent=2) + "\n")
    return found


def doubts(desk: Desk, found: Calibration) -> list[str]:
    """Why the judge may not decide."""
    return [one.reason for one in gating.doubts(gating.read(desk.assets, desk.evaluation.name), found)]
