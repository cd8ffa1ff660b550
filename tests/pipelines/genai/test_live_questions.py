"""A live question becomes a golden item only by a person's reference, and never one that a model could have seen."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from operations import live_questions
from operations.evaluations import Desk
from operations.generative import checked, sealed
from operations.live_questions import accepted, rejected
from operations.watching import brought
from operations.writing import write
from pipelines.genai.assets import Assets
from pipelines.genai.drift.watching import Proposed
from pipelines.genai.lines import written
from settings.problems import InvalidSettings
from settings.writing import alone
from tests.program import EXAMPLE, ROOT, blueprint

TODAY = date(2026, 11, 26)
ASKED = Proposed(question="Do you sell chairs in Oslo?", answer="Yes.", why="nothing is like it", day="2026-11-20")
OTHER = Proposed(question="Who won the football game?", answer="", why="nothing is like it", day="2026-11-21")
ITEM: dict[str, Any] = {"reference": "The handbook does not say.", "topic": "outside", "kind": "unanswerable"}
ADA = "ada@example.com"


@pytest.fixture
def folder(copy: Assets) -> Path:
    found = copy.folder / "golden/handbook"
    (found / "proposals.jsonl").write_text(written([ASKED, OTHER]))
    return found


def take(assets: Assets, by: str = ADA, **item: Any) -> Any:
    given = {**ITEM, "split": "test", **item}
    return accepted(assets.folder, ROOT / "settings", "handbook", ASKED.id, by, TODAY, **given)


@pytest.mark.parametrize("split", ["develop", "test", "vault"])
def test_an_accepted_question_is_an_item_that_says_where_it_is_from(copy: Assets, folder: Path, split: str) -> None:
    new = take(copy, split=split)
    assert new in copy.golden("handbook").split(new.split)
    assert new.live is not None and new.live.asked == ASKED.question
    assert (new.live.on, new.live.written_by, new.live.day) == ("2026-11-20", ADA, "2026-11-26")
    assert [f.defect for f in checked(copy, "handbook")] == ["unsealed"], "its owner has to look at it"
    sealed(copy, "handbook")
    assert checked(copy, "handbook") == []
    rows = [json.loads(line) for line in (folder / "proposals.jsonl").read_text().splitlines()]
    assert (rows[0]["state"], rows[0]["decided_by"], rows[1]) == ("accepted", ADA, json.loads(written([OTHER])))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"question": "How long do I have to pay an invoice?"}, "duplicate: asks nearly what 'billing-01' asks"),
        ({"question": "May I pay by cheque or in cash?"}, "duplicate"),
        ({"question": "So do you deliver pizza?"}, "leak: stands in prompts/answer/examples.jsonl"),
        ({"question": "Is my number +49 171 5550123 known?"}, "personal-data: holds a phone number"),
        ({"kind": "number"}, "ambiguous: names no source"),
        ({"sources": ["moon"]}, "unfounded: there is no document 'moon'"),
        ({"sources": ["billing"], "evidence": "We sell chairs."}, "unfounded: its evidence does not stand"),
        ({"id": "billing-01"}, "has an item 'billing-01'; choose another id"),
        ({"reference": ""}, "reference"),
        ({"by": "pipeline@acme-prd-assistant-k7q2.iam.gserviceaccount.com"}, "is no person; let a person decide"),
        ({"by": "ada"}, "--by"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_spoil_the_set_is_refused_and_nothing_is_written(
    copy: Assets, folder: Path, wrong: dict[str, Any], told: str
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InvalidSettings, match=told.replace("(", r"\(")):
        take(copy, **wrong)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_question_that_tuning_learns_from_does_not_become_a_test(copy: Assets, folder: Path) -> None:
    path = copy.folder / "tuning/handbook/rows.jsonl"
    made = {"generator": "a-model", "prompt": "0" * 12}
    path.write_text(path.read_text() + json.dumps(
        {"id": "x", "question": ASKED.question, "answer": "No.", "synthetic": made}) + "\n")  # fmt: skip
    with pytest.raises(InvalidSettings, match="leak"):
        take(copy)


def test_who_decided_stays_decided(copy: Assets, folder: Path, tmp_path: Path) -> None:
    rejected(copy.folder, ROOT / "settings", "handbook", ASKED.id, ADA, TODAY)
    with pytest.raises(InvalidSettings, match=f"was rejected by {ADA}"):
        take(copy)
    desk = Desk.opened(copy.folder, ROOT / "settings", "assistant", kept=tmp_path / "kept")
    assert [one.state for one in brought(desk)[0]] == ["rejected", "proposed"]
    words = ("--assets", str(copy.folder), *EXAMPLE)
    listed = blueprint("eval", "proposals", "assistant", *words, cwd=tmp_path)
    assert OTHER.id in listed.stdout and ASKED.id not in listed.stdout
    given = ("--reference", "The handbook does not say.", "--topic", "outside", "--kind", "unanswerable", "--by", ADA)
    done = blueprint("eval", "accept", "handbook", OTHER.id, *given, *words, cwd=tmp_path)
    assert (done.returncode, done.stdout.split(",")[0]) == (0, f"live-{OTHER.id} of split test"), done.stderr
    done = blueprint("eval", "reject", "handbook", "0123", "--by", ADA, *words, cwd=tmp_path)
    assert done.returncode == 2 and "0123: is no proposal; see 'blueprint eval proposals'" in done.stderr


@pytest.mark.parametrize("split", ["test", "vault"])
def test_who_is_killed_between_the_item_and_the_proposal_repeats_the_command(
    copy: Assets, folder: Path, monkeypatch: pytest.MonkeyPatch, split: str
) -> None:
    def killed(path: Path, text: str) -> None:
        if path.name == "proposals.jsonl":
            raise KeyboardInterrupt
        write(path, text)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(live_questions, "write", killed)
        take(copy, split=split)
    (begun,) = (one for one in copy.golden("handbook").split(split) if one.live)  # type: ignore[arg-type]
    with pytest.raises(InvalidSettings, match=f"is the item '{begun.id}' already; accept it again"):
        rejected(copy.folder, ROOT / "settings", "handbook", ASKED.id, ADA, TODAY)
    assert take(copy, by="bert@example.com", split=split) == begun
    assert [one.id for one in copy.golden("handbook").everything()].count(begun.id) == 1
    done = json.loads((folder / "proposals.jsonl").read_text().splitlines()[0])
    assert (done["state"], done["decided_by"]) == ("accepted", ADA), "whose reference it is"


def test_of_two_people_who_decide_at_once_none_is_lost(copy: Assets, folder: Path) -> None:
    file = folder / "proposals.jsonl"
    other = Thread(target=rejected, args=(copy.folder, ROOT / "settings", "handbook", OTHER.id, ADA, TODAY))
    with alone(folder):
        before = file.read_text()
        other.start()
        other.join(1)
        assert file.read_text() == before
        file.write_text(before.replace('"day"', '"state": "accepted", "decided_by": "bert@example.com", "day"', 1))
    other.join()
    assert [json.loads(line)["state"] for line in file.read_text().splitlines()] == ["accepted", "rejected"]
