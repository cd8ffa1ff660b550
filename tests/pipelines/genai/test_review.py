"""People rate answers on a form: what comes back broken is named, what is finished is kept, the judge is held to it."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from operations.evaluations import Desk
from operations.reviews import calibrated, exported, imported, ratings, ratings_file
from pipelines.genai import gating
from pipelines.genai.agreement import Calibration, calibrate
from pipelines.genai.assets import Assets
from pipelines.genai.judging import Judge
from pipelines.genai.lines import written
from pipelines.genai.prompt import Prompt
from pipelines.genai.review import HumanRating
from pipelines.genai.stub import Stub
from pipelines.genai.writer import Reply
from settings.problems import InvalidSettings
from settings.writing import alone
from tests.program import EXAMPLE, ROOT, blueprint

TODAY = date(2026, 11, 25)
ADA = "ada@example.com"


@pytest.fixture
def desk(copy: Assets, tmp_path: Path) -> Desk:
    (copy.folder / "evaluations/assistant/ratings.jsonl").unlink()
    return Desk.opened(copy.folder, ROOT / "settings", "assistant", kept=tmp_path / "kept")


def filled(path: Path, scores: list[Any]) -> Path:
    """The form as a person sends it back: the first rows rated."""
    rows = list(csv.DictReader(path.open()))
    for row, score in zip(rows, scores, strict=False):
        row |= {"score": score, "accuracy": score, "correction": "Better so." if score == 1 else ""}
    with path.open("w") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


@pytest.mark.proves("GO-eval-4", defect="a grade beyond the scale, a row of another run, a half-filled form")
def test_a_form_goes_out_and_what_is_finished_comes_back(desk: Desk, tmp_path: Path) -> None:
    run, form = desk.run(), tmp_path / "form.csv"
    assert exported(run, form, size=6, seed=1) == 6
    assert "judged" not in form.read_text() and "of what the reference says" not in form.read_text()
    filled(form, [5, 9, 1, "good"])
    kept, empty, problems = imported(desk, run, form, ADA, TODAY)
    assert (kept, empty) == (2, 2)
    told = {p.place.rpartition("/")[2] for p in problems}
    assert told == {f"form.csv:{line}.{grade}" for line in (3, 5) for grade in ("score", "accuracy")}
    assert [(one.rater, one.score, one.correction) for one in ratings(desk)] == [(ADA, 5, ""), (ADA, 1, "Better so.")]
    filled(form, [4])
    assert imported(desk, run, form, ADA, TODAY)[0] == 2
    assert [one.score for one in ratings(desk)][:2] == [4, 1], "who rates an answer again replaces what they said"
    foreign = tmp_path / "foreign.jsonl"
    foreign.write_text(json.dumps({"row": "0" * 16, "item": "billing-01", "score": 5}) + "\n{broken\n[]\n")
    kept, _, problems = imported(desk, run, foreign, ADA, TODAY)
    assert kept == 0 and [str(p.place)[-2:] for p in problems] == [":1", ":2", ":3"]


def test_a_cell_is_never_a_formula_and_other_files_are_refused(desk: Desk, tmp_path: Path) -> None:
    run = desk.run()
    evil = run.items[0].model_copy(update={"answer": "=HYPERLINK(1)"})
    exported(type(run)(**{**vars(run), "items": (evil,)}), tmp_path / "form.csv", size=1, seed=0)
    assert "'=HYPERLINK(1)" in (tmp_path / "form.csv").read_text()
    with pytest.raises(InvalidSettings, match=r"neither .csv nor .jsonl"):
        exported(run, tmp_path / "form.xlsx", size=1, seed=0)


@pytest.mark.parametrize("grade", ["²", "--5", "9" * 5000], ids=["superscript", "signs", "digits"])
def test_a_grade_that_is_no_number_loses_its_row_alone(desk: Desk, tmp_path: Path, grade: str) -> None:
    run, form = desk.run(), tmp_path / "form.csv"
    exported(run, form, size=6, seed=1)
    kept, _, problems = imported(desk, run, filled(form, [5, grade, 4]), ADA, TODAY)
    assert (kept, {p.place.rpartition("/")[2] for p in problems}) == (2, {"form.csv:3.score", "form.csv:3.accuracy"})


def test_a_form_may_come_from_any_computer_and_hold_any_text(desk: Desk, tmp_path: Path) -> None:
    plain = desk.run()
    run = replace(plain, items=[o.model_copy(update={"answer": f"So:\u2028{o.answer}\x85"}) for o in plain.items[:3]])
    for name, end in product(("form.csv", "form.jsonl"), ("\n", "\r\n", "\r")):
        path = tmp_path / name
        exported(run, path, size=3, seed=0)
        if name == "form.csv":
            filled(path, [5, 4, 3])
        text = path.read_text().replace('"score": ""', '"score": 5')
        path.write_bytes(text.replace("\n", end).encode())
        assert imported(desk, run, path, ADA, TODAY) == (3, 0, []), (name, end)
    exported(run, tmp_path / "form.csv", size=3, seed=0)
    lines = filled(tmp_path / "form.csv", [5, 4, 3]).read_text().split("\n")
    lines[2] = lines[2] + "x" * 200_000
    (tmp_path / "form.csv").write_text("\n".join(lines))
    kept, _, (problem,) = imported(desk, run, tmp_path / "form.csv", ADA, TODAY)
    assert (kept, problem.place.rpartition("/")[2], problem.text.partition(" (")[0]) == (
        2,
        "form.csv:3",
        "cannot be read",
    )


def test_of_two_reviewers_whose_forms_come_at_once_none_is_lost(desk: Desk, tmp_path: Path) -> None:
    run, form, file = desk.run(), tmp_path / "form.csv", ratings_file(desk)
    exported(run, form, size=6, seed=1)
    other = Thread(target=imported, args=(desk, run, filled(form, [5]), ADA, TODAY))
    with alone(file.parent):
        other.start()
        other.join(1)
        assert not file.exists()
        file.write_text(written([HumanRating(id="a", answer="b", rater="bert@example.com", score=1)]))
    other.join()
    assert [one.rater for one in ratings(desk)] == ["bert@example.com", ADA]


class Fond(Stub):
    """A judge that prefers whatever is longer, or stands first."""

    def __init__(self, of: str) -> None:
        self.of = of

    def generate(self, prompt: Prompt, text: str) -> Reply:
        reply = super().generate(prompt, text)
        if prompt.it.task != "prefer":
            return reply
        first, second = (text.partition(f"{name} answer: ")[2].partition("\n")[0] for name in ("First", "Second"))
        better = "first" if self.of == "place" or len(first) > len(second) else "second"
        return Reply(json.dumps({"better": better, "reason": "x"}), "", {}, 0, 0)


def test_a_judge_that_goes_by_place_or_length_is_named(example: Assets, desk: Desk) -> None:
    items = example.golden("handbook").split("test")
    for of in ("place", "length"):
        judge = Judge(example.prompt("rate"), example.prompt("prefer"), Fond(of))
        found = calibrate(judge, items, [])
        assert (found.by_place, found.by_length) == ((1, 0) if of == "place" else (0, 1))
        assert [doubt.metric for doubt in gating.doubts(gating.read(example, "assistant"), found)] == [
            f"judge-goes-by-{of}"
        ]
    fair = calibrated(desk)
    assert (fair.by_place, fair.by_length, fair.kappa) == (0, 0, None)


def test_the_judge_of_the_example_agrees_with_the_people_who_rated(example: Assets, tmp_path: Path) -> None:
    place = Desk.opened(example.folder, ROOT / "settings", "assistant", kept=tmp_path)
    found = calibrated(place)
    assert found.answers >= 50 and found.kappa is not None and found.kappa > 0.8
    assert Calibration(**json.loads(next(tmp_path.glob("calibrations/*.json")).read_text())) == found
    items, said = example.golden("handbook").items, ratings(place)
    other = [HumanRating(**{**one.model_dump(), "rater": "bo@example.com", "score": 6 - one.score}) for one in said]
    both = calibrate(place.evaluation.judge, items, [*said, *other])
    assert both.between_raters is not None and both.between_raters < 0, "two people who say the opposite"
    assert both.raters == 2


def test_the_judge_is_held_to_people_by_a_command(copy: Assets, tmp_path: Path) -> None:
    words = ("--assets", str(copy.folder), *EXAMPLE)
    assert blueprint("eval", "calibrate", *words, cwd=tmp_path).returncode == 0
    path = copy.folder / "evaluations/assistant/ratings.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(row | {"score": 6 - row["score"]}) + "\n" for row in rows))
    done = blueprint("eval", "calibrate", *words, cwd=tmp_path)
    assert done.returncode == 4 and "judge-disagrees-with-people" in done.stdout
    path.unlink()
    assert blueprint("eval", "calibrate", *words, cwd=tmp_path).returncode == 3
