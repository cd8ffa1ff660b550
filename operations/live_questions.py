"""Questions of live traffic on their way into a golden set: a person writes the reference of one, or rejects it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from operations.generative import defects, opened
from operations.writing import write
from pipelines.genai import lines, proposals
from pipelines.genai.assets import Assets
from pipelines.genai.drift.watching import Proposed
from pipelines.genai.golden import MANIFEST, GoldenSet, Item
from settings.loading import parse
from settings.problems import InvalidSettings, Problem
from settings.writing import alone

OF_A_SET = ("unsealed", "imbalance", "saturation")
"""Defects that no single item has."""


def accepted(assets: Path, settings: Path, name: str, id_: str, by: str, day: date, **item: Any) -> Item:
    """Make a proposal an item of golden set `name`; the set waits to be sealed then.

    Raises InvalidSettings where the item would be a duplicate, stand in what a model sees or learns, hold personal
    data or have no source. Killed before the proposal was written down, the same command finds its item and goes on.
    """
    found = opened(assets, settings)[0]
    folder = found.path("golden", name, MANIFEST)
    with alone(folder):
        golden, known = found.golden(name), _known(folder, name)
        one = proposals.named(known, id_)
        done = proposals.decided(one, by, day, accept=True)
        new = _begun(golden, one)
        if new and new.live:
            done = proposals.decided(one, new.live.written_by, date.fromisoformat(new.live.day), accept=True)
        else:
            given = {"id": f"live-{id_}", "question": done.question, **item}
            new = proposals.item_of(done, parse(TypeAdapter(Item), given, f"golden/{name}"))
            _add(found, golden, new)
        _kept(folder, known, done)
    return new


def rejected(assets: Path, settings: Path, name: str, id_: str, by: str, day: date) -> Proposed:
    """Leave the golden set as it is; the question is not proposed again."""
    found = opened(assets, settings)[0]
    folder = found.path("golden", name, MANIFEST)
    with alone(folder):
        known = _known(folder, name)
        one = proposals.named(known, id_)
        if begun := _begun(found.golden(name), one):
            way_out = "accept it again, which ends that, or take the item out first"
            raise InvalidSettings([Problem(id_, f"is the item '{begun.id}' already", way_out)])
        done = proposals.decided(one, by, day, accept=False)
        _kept(folder, known, done)
    return done


def _begun(golden: GoldenSet, one: Proposed) -> Item | None:
    """The item that a proposal became, where whoever accepted it did not come to write that down."""
    items = (*golden.items, *golden.vault)
    return next((item for item in items if item.live and item.live.asked == one.question), None)


def _add(assets: Assets, golden: GoldenSet, new: Item) -> None:
    before = {str(one) for one in defects(assets, golden)}
    wrong = [f for f in defects(assets, golden.added(new)) if str(f) not in before and f.defect not in OF_A_SET]
    if wrong:
        raise InvalidSettings(
            [Problem(f.place, f"{f.defect}: {f.text}", "reword the question, or reject it") for f in wrong]
        )
    path = assets.folder / "golden" / golden.name / new.file
    write(path, lines.text(path).rstrip("\n") + "\n" + lines.written([new]))


def _known(folder: Path, name: str) -> list[Proposed]:
    path = folder / proposals.FILE
    return lines.records(path, Proposed, f"golden/{name}/{proposals.FILE}") if path.exists() else []


def _kept(folder: Path, known: list[Proposed], done: Proposed) -> None:
    write(folder / proposals.FILE, lines.written(done if one.id == done.id else one for one in known))
