"""What a model learns shares nothing with what it is tested on; a reference changes only when a person accepts it."""

from __future__ import annotations

import ast
import dataclasses
import json
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from operations import golden_sets
from operations.evaluations import Desk
from operations.generative import checked
from operations.golden_sets import corrections, decided, proposed
from operations.reviews import ratings_file
from operations.writing import write
from pipelines.genai import gating, report, retrieval, tuning
from pipelines.genai.assets import Assets
from pipelines.genai.corrections import Correction
from pipelines.genai.corrections import Desk as Corrections
from pipelines.genai.lines import written
from pipelines.genai.metrics import METRICS
from settings.problems import InvalidSettings
from settings.writing import alone
from tests.program import EXAMPLE, ROOT, blueprint

TODAY = date(2026, 11, 25)
SYNTHETIC = {"generator": "a-model", "prompt": "0" * 12}


def add(path: Path, **row: Any) -> None:
    path.write_text(path.read_text() + json.dumps(row) + "\n")


def rows(assets: Assets) -> Path:
    return assets.folder / "tuning/handbook/rows.jsonl"


def found(assets: Assets) -> list[str]:
    it = tuning.read(assets, "handbook")
    return [f.defect for f in tuning.findings(it, assets.golden("handbook"))]


@pytest.mark.proves(
    "GO-data-2", defect="an empty label, two answers, a near duplicate, personal data, no origin, too few"
)
@pytest.mark.parametrize(
    ("row", "defect"),
    [
        ({"question": "Do you deliver flowers?", "answer": " ", "synthetic": SYNTHETIC}, "label"),
        ({"question": "What does the second reminder cost?", "answer": "9 euros.", "synthetic": SYNTHETIC}, "label"),
        ({"question": "So what does the second reminder cost?", "answer": "5.", "synthetic": SYNTHETIC}, "duplicate"),
        ({"question": "Is a@example.com yours?", "answer": "No.", "synthetic": SYNTHETIC}, "personal-data"),
        ({"question": "Do you deliver flowers?", "answer": "No."}, "origin"),
        ({"question": "Do you deliver flowers?", "answer": "No.", "item": "billing-07"}, "leak"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_tuning_data_is_checked_before_a_job_may_read_it(copy: Assets, row: dict[str, Any], defect: str) -> None:
    assert found(copy) == []
    assert len(tuning.usable(copy, "handbook").rows) == 28
    add(rows(copy), id="x", **row)
    assert defect in found(copy)
    with pytest.raises(InvalidSettings, match=r"tuning/handbook/rows.jsonl:29: "):
        tuning.usable(copy, "handbook")


def test_too_few_rows_and_broken_lines_are_told(copy: Assets) -> None:
    rows(copy).write_text("\n".join(rows(copy).read_text().splitlines()[:5]) + "\n")
    assert found(copy) == ["size"]
    add(rows(copy), id="x", qestion="a")
    with pytest.raises(InvalidSettings, match=r"rows.jsonl:6"):
        tuning.read(copy, "handbook")


@pytest.mark.proves(
    "GO-data-3", defect="a question of the vault, of the test and of an attack among tuning rows and examples"
)
@pytest.mark.parametrize("part", ["vault", "test", "attack"])
def test_nothing_that_tests_a_model_is_learned_or_shown(copy: Assets, part: str) -> None:
    golden = copy.golden("handbook")
    secret = {"vault": golden.vault, "test": golden.split("test"), "attack": golden.attacks}[part][0]
    near = f"Tell me: {secret.question}"
    add(rows(copy), id="x", question=near, answer="No.", synthetic=SYNTHETIC)
    (leak,) = checked(copy, "handbook")
    assert (leak.defect, leak.place, "rows.jsonl:29" in leak.text) == ("leak", f"golden/handbook/{secret.id}", True)
    rows(copy).write_text(rows(copy).read_text().rpartition('{"id": "x"')[0])
    assert checked(copy, "handbook") == []
    add(copy.folder / "prompts/answer/examples.jsonl", inputs={"question": near}, output="No.")
    assert [f.defect for f in checked(copy, "handbook")] == ["leak"]


@pytest.mark.parametrize("part", ["question", "reference"])
def test_a_guarded_item_is_seen_wherever_a_model_would_see_it(copy: Assets, part: str) -> None:
    """In each input and the output of an example, in a line of a template, and in the answer of a tuning row."""
    secret = getattr(copy.golden("handbook").vault[0], part)
    shown = copy.folder / "prompts/answer/examples.jsonl"
    places = {
        shown: json.dumps({"inputs": {"question": "Do you deliver flowers?", "passages": secret}, "output": "No."}),
        copy.folder / "prompts/answer/template.txt": f"- For example: {secret}",
        rows(copy): json.dumps(
            {"id": "x", "question": "And flowers?", "answer": f"No. {secret}", "synthetic": SYNTHETIC}
        ),
    }
    for path, line in [*places.items(), (shown, places[shown].replace("No.", f"{secret} [billing#1]"))]:
        before = path.read_text()
        path.write_text(f"{before.rstrip()}\n{line}\n")
        assert [f.defect for f in checked(copy, "handbook")] == ["leak"], path
        path.write_text(before)
    assert checked(copy, "handbook") == []


def test_an_example_that_shows_the_vault_cannot_be_used(copy: Assets, tmp_path: Path) -> None:
    secret = copy.golden("handbook").vault[0]
    add(copy.folder / "prompts/answer/examples.jsonl", inputs={"question": secret.question}, output="No.")
    done = blueprint("prompt", "verify", "--assets", str(copy.folder), *EXAMPLE, cwd=tmp_path)
    assert done.returncode == 2
    assert f"golden/handbook/{secret.id}: leak: stands in prompts/answer/examples.jsonl" in done.stderr


def test_the_vault_is_read_by_lint_and_evaluation_alone() -> None:
    readers = set()
    for path in [*(ROOT / "pipelines/genai").rglob("*.py"), *(ROOT / "operations").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("vault", "everything"):
                readers.add(path.name)
            if isinstance(node, ast.Constant) and node.value in ("vault", "vault.jsonl"):
                readers.add(path.name)
    assert readers == {"golden.py", "lint.py", "live_questions.py"}
    source = (ROOT / "operations/live_questions.py").read_text()
    assert source.count(".vault") == 1 == source.count("(*golden.items, *golden.vault)"), "only what is there already"


@pytest.mark.proves("GO-data-4", defect="synthetic answers that are all wrong")
def test_synthetic_items_are_counted_apart(example: Assets, tmp_path: Path) -> None:
    run = Desk.opened(example.folder, ROOT / "settings", "assistant", kept=tmp_path).run()
    made = tuple(
        one.model_copy(update={"id": f"made-{one.id}", "synthetic": True, "scores": {"f1": 0.0}})
        for one in run.items
        if one.reference
    )
    mixed = dataclasses.replace(run, items=(*run.items, *made))
    plain, apart = gating.means(mixed, "f1"), gating.means(mixed, "f1", synthetic=True)
    assert plain == gating.means(run, "f1")
    assert set(apart.values()) == {0.0} and len(apart) == len(made)
    told = {row.slice: row.after for row in report.moved(mixed, None) if row.metric == "f1"}
    assert told["synthetic"] == 0 and told["all"] == pytest.approx(sum(plain.values()) / len(plain))
    assert "f1" in METRICS


def test_a_correction_is_proposed_and_changes_nothing_until_another_person_accepts_it(
    copy: Assets, tmp_path: Path
) -> None:
    desk = Desk.opened(copy.folder, ROOT / "settings", "assistant", kept=tmp_path)
    run = desk.run()
    one = next(item for item in run.items if item.id == "billing-01")
    rating = {"id": one.id, "answer": one.answer, "rater": "ada@example.com", "score": 5}
    add(ratings_file(desk), **rating | {"correction": "Within 14 days of the invoice."})
    before = (copy.folder / "golden/handbook/items.jsonl").read_bytes()
    new = proposed(desk, run, TODAY)
    assert [(c.item, c.proposed_by.partition(":")[0]) for c in new] == [
        ("billing-01", "ada@example.com"),
        ("billing-01", "judge"),
    ]
    assert proposed(desk, run, TODAY) == [], "what is known is not proposed again"
    assert (copy.folder / "golden/handbook/items.jsonl").read_bytes() == before
    it = corrections(copy.folder, ROOT / "settings", "handbook")
    with pytest.raises(InvalidSettings, match="a proposal of the same person"):
        decided(it, new[0].id, "ada@example.com", TODAY, accept=True)
    decided(it, new[0].id, "bo@example.com", TODAY, accept=True)
    item = copy.golden("handbook").split("test")[0]
    assert (item.id, item.reference) == ("billing-01", "Within 14 days of the invoice.")
    assert item.corrected is not None and item.corrected.accepted_by == "bo@example.com"
    assert item.corrected.before == new[0].before
    assert [f.defect for f in checked(copy, "handbook")] == ["unsealed"], "its owner has to look at it"
    again = corrections(copy.folder, ROOT / "settings", "handbook")
    with pytest.raises(InvalidSettings, match=r"was accepted by bo@example\.com"):
        decided(again, new[0].id, "bo@example.com", TODAY, accept=False)
    with pytest.raises(InvalidSettings, match="was changed since"):
        decided(again, new[1].id, "bo@example.com", TODAY, accept=True)
    decided(again, new[1].id, "bo@example.com", TODAY, accept=False)
    assert [c.state for c in again.known] == ["accepted", "rejected"]


@pytest.fixture
def waiting(copy: Assets, tmp_path: Path) -> tuple[Corrections, list[Correction]]:
    """Two corrections that wait for a decision, one of them of an item that holds an end of line."""
    desk = Desk.opened(copy.folder, ROOT / "settings", "assistant", kept=tmp_path)
    for item, text in (("billing-01", "Within\u202814 days."), ("billing-03", "Two reminders.")):
        add(ratings_file(desk), id=item, answer="x", rater="ada@example.com", score=5, correction=text)
    new = proposed(desk, desk.run(), TODAY)
    assert [one.item for one in new] == ["billing-01", "billing-03"]
    return corrections(copy.folder, ROOT / "settings", "handbook"), new


def test_who_is_killed_between_the_item_and_the_correction_repeats_the_command(
    copy: Assets, waiting: tuple[Corrections, list[Correction]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path, text: str) -> None:
        if path.name == "corrections.jsonl":
            raise KeyboardInterrupt
        write(path, text)

    it, (one, _) = waiting
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(golden_sets, "write", killed)
        decided(it, one.id, "bo@example.com", TODAY, accept=True)
    before = (it.folder / "items.jsonl").read_bytes()
    with pytest.raises(InvalidSettings, match="stands in the item 'billing-01' already; accept it again"):
        decided(it, one.id, "cy@example.com", TODAY, accept=False)
    done = decided(it, one.id, "cy@example.com", date(2026, 12, 1), accept=True)
    assert (done.state, done.decided_by, done.decided_on) == ("accepted", "bo@example.com", "2026-11-25")
    assert (it.folder / "items.jsonl").read_bytes() == before
    assert [c.state for c in it.known] == ["accepted", "proposed"]


def test_what_two_decide_about_corrections_one_after_the_other_or_at_once_is_kept(
    copy: Assets, waiting: tuple[Corrections, list[Correction]]
) -> None:
    it, (one, two) = waiting
    later = Thread(target=decided, args=(it, two.id, "cy@example.com", TODAY), kwargs={"accept": True})
    with alone(it.folder):
        later.start()
        later.join(1)
        assert [c.state for c in it.known] == ["proposed", "proposed"]
        (it.folder / "corrections.jsonl").write_text(written([one.model_copy(update={"state": "rejected"}), two]))
    later.join()
    assert [c.state for c in it.known] == ["rejected", "accepted"]
    (it.folder / "corrections.jsonl").write_text(written([one, it.known[1]]))
    decided(it, one.id, "bo@example.com", TODAY, accept=True)
    known = {item.id: item.reference for item in copy.golden("handbook").items}
    assert (known["billing-01"], known["billing-03"]) == ("Within\u202814 days.", "Two reminders.")
    again = corrections(copy.folder, ROOT / "settings", "handbook")
    three = one.model_copy(update={"id": "0" * 12, "item": "billing-04", "after": "None.",
                                   "before": known["billing-04"]})  # fmt: skip
    (it.folder / "corrections.jsonl").write_text(written([*it.known, three]))
    assert decided(again, three.id, "bo@example.com", TODAY, accept=True).state == "accepted", (
        "beside such an end of line"
    )


def test_what_is_proposed_beside_a_decision_does_not_undo_it(
    copy: Assets, waiting: tuple[Corrections, list[Correction]], tmp_path: Path
) -> None:
    it, (one, two) = waiting
    desk = Desk.opened(copy.folder, ROOT / "settings", "assistant", kept=tmp_path)
    add(ratings_file(desk), id="billing-04", answer="x", rater="ada@example.com", score=5, correction="None.")
    other = Thread(target=proposed, args=(desk, desk.run(), TODAY))
    with alone(it.folder):
        other.start()
        other.join(1)
        (it.folder / "corrections.jsonl").write_text(written([one.model_copy(update={"state": "rejected"}), two]))
    other.join()
    assert [c.state for c in it.known] == ["rejected", "proposed", "proposed"]


@pytest.mark.proves("GO-data-1", defect="a set without owner, licence or origin, and one whose content changed")
@pytest.mark.parametrize(
    ("file", "lost"),
    [
        ("golden/handbook/set.yaml", "licence"),
        ("golden/handbook/set.yaml", "origin"),
        ("tuning/handbook/set.yaml", "owner"),
        ("indexes/handbook.yaml", "owner"),
        ("prompts/answer/prompt.yaml", "owner"),
    ],
)
def test_every_kind_of_data_has_owner_schema_version_and_origin(copy: Assets, file: str, lost: str) -> None:
    versions = {
        copy.golden("handbook").content,
        tuning.read(copy, "handbook").version,
        retrieval.read(copy, "handbook").version,
        copy.prompt("answer").version,
    }
    assert len(versions) == 4
    path = copy.folder / file
    path.write_text("".join(line for line in path.read_text().splitlines(True) if not line.startswith(f"{lost}:")))
    with pytest.raises(InvalidSettings, match=rf"{file}.*{lost}"):
        copy.golden("handbook"), tuning.read(copy, "handbook"), retrieval.read(copy, "handbook"), copy.prompt("answer")
