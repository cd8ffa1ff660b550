"""Tuning data: questions with the answers that a model is to learn, checked before any job may read them.

`tuning/<name>/` holds `set.yaml` and `rows.jsonl`. A row names the golden item of the split `develop` that it was taken
from, or the model that made it; nothing of another split, and nothing near it, gets in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, PositiveInt, TypeAdapter

from pipelines.genai import lines
from pipelines.genai.assets import Assets
from pipelines.genai.golden import MANIFEST, GoldenSet, Id, Synthetic
from pipelines.genai.lint import PII, Finding, leaks
from pipelines.genai.nearness import near_pairs, normal
from settings.loading import parse, read_yaml
from settings.problems import InvalidSettings, Problem
from settings.values import Email, Model

ROWS = "rows.jsonl"


class Row(Model):
    """What the model is asked, and what it is to say."""

    id: Id
    question: Annotated[str, Field(min_length=3)]
    answer: str
    item: str = ""
    synthetic: Synthetic | None = None


class Manifest(Model):
    """`set.yaml`: whose data it is, which golden set it may not touch, and how many rows a job needs."""

    title: str
    owner: Email
    licence: Annotated[str, Field(min_length=1)]
    origin: Annotated[str, Field(min_length=1)]
    golden: str
    minimum_rows: PositiveInt = 20


@dataclass(frozen=True)
class TuningSet:
    """A set as it stands in its folder."""

    name: str
    manifest: Manifest
    rows: tuple[Row, ...]

    @property
    def version(self) -> str:
        """The hash of its rows."""
        return lines.digest([row.model_dump(mode="json") for row in self.rows])

    def place(self, number: int) -> str:
        """How a row is named."""
        return f"tuning/{self.name}/{ROWS}:{number + 1}"


def read(assets: Assets, name: str) -> TuningSet:
    """The set of a name. Raises InvalidSettings with every broken line."""
    folder: Path = assets.path("tuning", name, MANIFEST)
    place = f"tuning/{name}/{MANIFEST}"
    manifest: Manifest = parse(TypeAdapter(Manifest), read_yaml(folder / MANIFEST, place), place)
    return TuningSet(name, manifest, tuple(lines.records(folder / ROWS, Row, f"tuning/{name}/{ROWS}")))


def beside(assets: Assets, golden: str) -> list[TuningSet]:
    """The sets that learn for the same task as a golden set."""
    found = (read(assets, name) for name in assets.names("tuning", MANIFEST))
    return [one for one in found if one.manifest.golden == golden]


def findings(it: TuningSet, golden: GoldenSet) -> Iterator[Finding]:
    """Everything that keeps the rows from being learned."""
    if len(it.rows) < it.manifest.minimum_rows:
        text = f"has {len(it.rows)} rows, {it.manifest.minimum_rows} are the least"
        yield Finding("size", f"tuning/{it.name}/{ROWS}", text, "write more of them")
    yield from _labels(it)
    yield from _origins(it, golden)
    yield from leaks(golden, {it.place(number): f"{row.question}\n{row.answer}" for number, row in enumerate(it.rows)})


def usable(assets: Assets, name: str) -> TuningSet:
    """The set, where nothing is wrong with it: the only way to its rows for a tuning job. Raises InvalidSettings."""
    it = read(assets, name)
    found = list(findings(it, assets.golden(it.manifest.golden)))
    if found:
        raise InvalidSettings([Problem(f.place, f"{f.defect}: {f.text}", f.way_out) for f in found])
    return it


def as_vertex(it: TuningSet) -> str:
    """The rows as Vertex AI's supervised tuning reads them: one conversation of a user and the model a line."""
    turns = ([("user", row.question), ("model", row.answer)] for row in it.rows)
    shaped = ({"contents": [{"role": role, "parts": [{"text": text}]} for role, text in turn]} for turn in turns)
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in shaped)


def _labels(it: TuningSet) -> Iterator[Finding]:
    answers: dict[str, tuple[int, str]] = {}
    for number, row in enumerate(it.rows):
        if not row.answer.strip():
            yield Finding("label", it.place(number), f"'{row.id}' has no answer", "write one, or remove the row")
        known = answers.setdefault(normal(row.question), (number, normal(row.answer)))
        if known[1] != normal(row.answer):
            text = f"the question of line {known[0] + 1}, with another answer"
            yield Finding("label", it.place(number), text, "correct one of the two")
        for what, pattern in PII.items():
            if pattern.search(f"{row.question} {row.answer}"):
                yield Finding("personal-data", it.place(number), f"holds {what}", "replace it by an invented one")
    for first, second in near_pairs([row.question for row in it.rows]):
        text = f"asks nearly what '{it.rows[first].id}' asks"
        yield Finding("duplicate", it.place(second), text, "remove one of the two")


def _origins(it: TuningSet, golden: GoldenSet) -> Iterator[Finding]:
    tunable = {item.id for item in golden.tunable()}
    for number, row in enumerate(it.rows):
        if row.item and row.item not in tunable:
            text = f"'{row.item}' is no item of the split develop"
            yield Finding("leak", it.place(number), text, "take the row out: only that split may be learned")
        if not row.item and row.synthetic is None:
            text = f"'{row.id}' does not say where it comes from"
            yield Finding("origin", it.place(number), text, "name its item, or the model that made it")
