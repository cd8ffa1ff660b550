"""Golden sets are owned, sealed, founded on their sources, and share nothing with what a model sees."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from operations.evaluations import Desk
from operations.generative import checked, sealed
from pipelines.genai import results
from pipelines.genai.assets import Assets
from pipelines.genai.evaluation import Run
from pipelines.genai.functions import mask_personal_data
from settings.problems import InvalidSettings
from tests.program import EXAMPLE, ROOT, blueprint


def add(assets: Assets, *rows: dict[str, Any], file: str = "items.jsonl") -> None:
    path = assets.folder / "golden/handbook" / file
    path.write_text(path.read_text() + "".join(json.dumps(row) + "\n" for row in rows))


def item(id_: str, question: str, **others: Any) -> dict[str, Any]:
    usual = {"reference": "The handbook does not say.", "topic": "outside", "kind": "unanswerable", "split": "test"}
    return {"id": id_, "question": question, **usual, **others}


def defects(assets: Assets) -> set[str]:
    return {f"{f.defect} {f.place.rpartition('/')[2]}" for f in checked(assets, "handbook") if f.defect != "unsealed"}


def test_the_example_is_large_enough_and_clean(example: Assets) -> None:
    golden = example.golden("handbook")
    assert len(golden.items) + len(golden.vault) >= 60
    assert len(golden.attacks) >= 20
    assert checked(example, "handbook") == []
    assert min(Counter(attack.attack for attack in golden.attacks).values()) >= 4


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (item("x-1", "How long do I have to pay an invoice?", reference="Ten years."), "ambiguous x-1"),
        (item("x-2", "Can you explain the same?"), "ambiguous x-2"),
        (item("x-3", "Do you have a large shop in Berlin?", kind="number"), "ambiguous x-3"),
        (item("x-4", "What happens when the bank returns my direct debit?"), "leak x-4"),
        (item("x-5", "Is anna.weber@example.com a customer of yours?"), "personal-data x-5"),
        (item("x-6", "Is DE89 3704 0044 0532 0130 00 your account?"), "personal-data x-6"),
        (item("x-7", "What is on the moon?", sources=["moon"]), "unfounded x-7"),
        (item("x-8", "How late are you?", sources=["billing"], evidence="We are always late."), "unfounded x-8"),
        (item("x-9", "What do you charge for a paper invoice sent?"), "duplicate x-9"),
        (item("x-10", "Is there a kiosk in Rome?", topic="kiosk"), "imbalance items.jsonl"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_planted_defect_is_found_by_name(copy: Assets, row: dict[str, Any], found: str) -> None:
    assert defects(copy) == set()
    add(copy, row)
    assert found in defects(copy)


def test_an_item_of_the_vault_in_a_prompt_is_a_leak(copy: Assets) -> None:
    secret = copy.golden("handbook").vault[0]
    path = copy.folder / "prompts/answer/examples.jsonl"
    path.write_text(path.read_text() + json.dumps({"inputs": {"question": secret.question}, "output": "x"}) + "\n")
    assert defects(copy) == {f"leak {secret.id}"}
    held_out = {item.id for item in copy.golden("handbook").vault}
    assert held_out.isdisjoint(item.id for item in copy.golden("handbook").tunable())


def test_a_set_that_no_version_fails_any_more_is_saturated(copy: Assets, tmp_path: Path) -> None:
    kept = tmp_path / ".sandbox/genai"
    run = Desk.opened(copy.folder, ROOT / "settings", "assistant", kept=kept).run()

    def linted() -> tuple[int, str]:
        done = blueprint("eval", "lint", "--assets", str(copy.folder), *EXAMPLE, cwd=tmp_path)
        return done.returncode, done.stdout.partition(";")[0].strip()

    def another(key: str, judged: float) -> Run:
        """A run of another version, with its repeats; of what nobody judges there is no score."""
        scores = [one.scores | {"judged": judged, "exact": 0.0} if one.reference else one.scores for one in run.items]
        items = [one.model_copy(update={"scores": new}) for one, new in zip(run.items, scores, strict=True)]
        return replace(run, key=key, items=[*items, *(one.model_copy(update={"repeat": 1}) for one in items)])

    path = kept / "results.duckdb"
    path.unlink()
    for key in ("1", "2"):
        results.store(path, another(key, 1.0))
    assert linted() == (0, ""), "two runs of two repeats each are two runs"
    results.store(path, another("3", 0.2))
    assert linted() == (0, ""), "one of three versions fails"
    results.store(path, another("3", 1.0))
    told = "golden/handbook/items.jsonl: saturation: 54 of 54 items tell no version from another any more"
    assert linted() == (4, told)
    file = copy.folder / "golden/handbook/items.jsonl"
    file.write_text(file.read_text().replace('"reference": "', '"reference": "In short: '))
    sealed(copy, "handbook")
    assert linted() == (0, ""), "nothing is known about items as they are now"


def test_a_changed_set_is_unsealed_until_its_owner_seals_it(copy: Assets) -> None:
    add(copy, item("x-1", "Do you sell concert tickets?"))
    assert [f.defect for f in checked(copy, "handbook")] == ["unsealed"]
    sealed(copy, "handbook")
    assert checked(copy, "handbook") == []


def test_synthetic_items_say_where_they_come_from(copy: Assets) -> None:
    add(copy, item("x-1", "Do you sell concert tickets?", synthetic={"generator": "a-model"}))
    with pytest.raises(InvalidSettings, match=r"golden/handbook/items.jsonl:83.synthetic.prompt"):
        copy.golden("handbook")


def test_broken_lines_are_all_named(copy: Assets, tmp_path: Path) -> None:
    path = copy.folder / "golden/handbook/items.jsonl"
    path.write_bytes(b"{broken\n" + path.read_bytes() + '{"id": "ü"}\n'.encode("latin-1") + b'{"id": "a"}\n[]\n')
    done = blueprint("eval", "lint", "handbook", "--assets", str(copy.folder), *EXAMPLE, cwd=tmp_path)
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert lines[0].startswith("golden/handbook/items.jsonl:1: is not JSON")
    assert any(line.startswith("golden/handbook/items.jsonl:84: is not UTF-8") for line in lines)
    assert any(line.startswith("golden/handbook/items.jsonl:85.question: ") for line in lines)
    assert any("golden/handbook/items.jsonl:86" in line for line in lines)


@pytest.mark.parametrize("mark", ["utf-16", "utf-8-sig"])
def test_other_encodings_are_told_and_a_byte_order_mark_is_none(copy: Assets, mark: str) -> None:
    path = copy.folder / "golden/handbook/items.jsonl"
    path.write_text(path.read_text(), encoding=mark)
    if mark == "utf-8-sig":
        assert len(copy.golden("handbook").items) > 60
        return
    with pytest.raises(InvalidSettings, match="is UTF-16; save it as UTF-8"):
        copy.golden("handbook")


def test_an_id_stands_once(copy: Assets) -> None:
    add(copy, item("billing-01", "Do you sell concert tickets?"), item("v", "Do you sell cars?", split="vault"))
    with pytest.raises(InvalidSettings) as told:
        copy.golden("handbook")
    assert {p.text for p in told.value.problems} >= {
        "the id 'billing-01' stands 2 times",
        "'v' is of the split 'vault'",
    }


def test_findings_end_with_a_refusal(copy: Assets, tmp_path: Path) -> None:
    add(copy, item("x-1", "Is anna.weber@example.com a customer of yours?"))
    done = blueprint("eval", "lint", "handbook", "--assets", str(copy.folder), *EXAMPLE, cwd=tmp_path)
    assert done.returncode == 4
    assert "golden/handbook/x-1: personal-data: holds a mail address" in done.stdout
    assert (ROOT / "pipelines/genai/golden/handbook/items.jsonl").exists()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("phone number", "+491715550123"),
        ("phone number", "01715550123"),
        ("phone number", "+49 (0)171 5550123"),
        ("phone number", "(030) 1234567"),
        ("phone number", "0171 5550123"),
        ("bank account", "de89370400440532013000"),
        ("bank account", "DE89370400440532013000"),
        ("bank account", "DE89 3704 0044 0532 0130 00"),
        ("bank account", "GB29 NWBK 6016 1331 9268 19"),
        ("card number", "4111 1111 1111 1111"),
        ("mail address", "Anna.Weber@Example.com"),
    ],
)
def test_personal_data_is_masked_however_it_is_written(kind: str, text: str) -> None:
    assert mask_personal_data(f"It is {text}, please.") == f"It is <{kind}>, please."


@pytest.mark.parametrize(
    "text",
    [
        "order 4711-2026-000123", "order 0012345678", "invoice 2026-11-000042", "customer 1234567890",
        "26.11.2026", "2026-11-26", "from 08:00 to 18:30", "+5 euros", "1 250 000 euros", "id 3f2a9c1b77de",
        "commit de89a1b2c3d4e5f6a7b8", "SKU AB12-CD34", "passage billing#3", "within 14 days of 01.02.2026",
        "postcode 01067",
    ],
)  # fmt: skip
def test_numbers_that_are_nobodys_stay(text: str) -> None:
    assert mask_personal_data(text) == text
