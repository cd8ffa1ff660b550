"""Corrections of references: proposed by reviewers or by what the judge and people say, accepted by another person.

`golden/<name>/corrections.jsonl` keeps every proposal with what became of it. An accepted one changes the item, which
from then on says what it was, who proposed and who accepted it; the set's owner seals the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from pipelines.genai import lines
from pipelines.genai.evaluation import Run
from pipelines.genai.golden import Corrected, GoldenSet, Item
from pipelines.genai.metrics import CITATION
from pipelines.genai.nearness import normal
from pipelines.genai.review import HumanRating
from pipelines.genai.scoring import JUDGED
from settings.loading import parse
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import Email, Model

FILE, ITEMS = "corrections.jsonl", "items.jsonl"
GOOD, DOUBTED = 4, 0.5


class Correction(Model):
    """A better reference, and what became of it."""

    id: str
    item: str
    before: str
    after: str
    why: str
    proposed_by: str
    day: str
    state: Literal["proposed", "accepted", "rejected"] = "proposed"
    decided_by: str = ""
    decided_on: str = ""


@dataclass(frozen=True)
class Desk:
    """The corrections of one golden set."""

    golden: GoldenSet
    folder: Path

    @property
    def known(self) -> list[Correction]:
        """Every proposal, the oldest first."""
        path = self.folder / FILE
        return lines.records(path, Correction, f"golden/{self.golden.name}/{FILE}") if path.exists() else []

    def proposals(self, run: Run, ratings: Sequence[HumanRating], day: date) -> list[Correction]:
        """What is new: reviewers' corrections, and references that an answer which people like does not meet."""
        items = {item.id: item for item in self.golden.items}
        known = {one.id for one in self.known}
        found = {one.id: one for one in (*_said(items, ratings, day), *_doubted(items, run, ratings, day))}
        return [one for id_, one in found.items() if id_ not in known]

    def decided(self, id_: str, by: str, day: date, *, accept: bool) -> tuple[Correction, str]:
        """The correction with its decision, and the text of the items after it. Raises InvalidSettings."""
        one = self._open(id_)
        person: str = parse(TypeAdapter(Email), by, "--by")
        begun = self._begun(one)
        if begun and not accept:
            way_out = "accept it again, which ends that, or give the item its reference of before first"
            raise InvalidSettings([Problem(id_, f"stands in the item '{one.item}' already", way_out)])
        if accept and person == one.proposed_by.lower():
            way_out = "let another person look at it"
            raise InvalidSettings([Problem(id_, "is a proposal of the same person", way_out)])
        state = "accepted" if accept else "rejected"
        done = one.model_copy(update={"state": state, "decided_by": person, "decided_on": day.isoformat()})
        path = self.folder / ITEMS
        text = lines.text(path, f"golden/{self.golden.name}/{ITEMS}")
        if begun:
            who = {"decided_by": begun.accepted_by, "decided_on": begun.day}
            return done.model_copy(update=who), text
        return done, self._corrected(text, done) if accept else text

    def _begun(self, one: Correction) -> Corrected | None:
        """The trail of a correction that its item has, where whoever accepted it did not come to write that down."""
        item = next((item for item in self.golden.items if item.id == one.item), None)
        trail = item.corrected if item and item.reference == one.after else None
        return trail if trail and (trail.before, trail.proposed_by) == (one.before, one.proposed_by) else None

    def _open(self, id_: str) -> Correction:
        known = {one.id: one for one in self.known}
        if id_ not in known:
            raise InvalidSettings([Problem(id_, "is no correction", suggestion(id_, known, "see the list"))])
        if known[id_].state != "proposed":
            text = f"was {known[id_].state} by {known[id_].decided_by}"
            raise InvalidSettings([Problem(id_, text, "propose another one")])
        return known[id_]

    def _corrected(self, text: str, one: Correction) -> str:
        item = next((item for item in self.golden.items if item.id == one.item), None)
        if item is None or item.reference != one.before:
            raise InvalidSettings([Problem(one.id, f"'{one.item}' was changed since", "reject it, and propose anew")])
        trail = Corrected(
            before=one.before, proposed_by=one.proposed_by, accepted_by=one.decided_by, day=one.decided_on
        )
        changed = lines.written([item.model_copy(update={"reference": one.after, "corrected": trail})])
        old = {line: Item.model_validate_json(line).id for line in text.split("\n") if line.strip()}
        return "".join(changed if id_ == one.item else f"{line}\n" for line, id_ in old.items())


def _said(items: dict[str, Item], ratings: Iterable[HumanRating], day: date) -> Iterator[Correction]:
    for rating in ratings:
        item = items.get(rating.id)
        if item and rating.correction and normal(rating.correction) != normal(item.reference):
            yield _proposal(item, rating.correction, f"a reviewer wrote it and gave {rating.score}", rating.rater, day)


def _doubted(items: dict[str, Item], run: Run, ratings: Iterable[HumanRating], day: date) -> Iterator[Correction]:
    """A reference may be wrong where people like an answer that the judge holds against it."""
    low = {(one.id, one.answer): one.scores[JUDGED] for one in run.items if one.scores.get(JUDGED, 1) < DOUBTED}
    for rating in ratings:
        score = low.get((rating.id, rating.answer))
        if score is not None and rating.score >= GOOD and rating.id in items:
            why = f"{rating.rater} gave the answer {rating.score}, the judge {1 + 4 * score:.0f} by the reference"
            yield _proposal(items[rating.id], CITATION.sub("", rating.answer).strip(), why, f"judge: {run.label}", day)


def _proposal(item: Item, after: str, why: str, by: str, day: date) -> Correction:
    id_ = lines.digest([item.id, item.reference, after])[:12]
    return Correction(
        id=id_, item=item.id, before=item.reference, after=after, why=why, proposed_by=by, day=day.isoformat()
    )
