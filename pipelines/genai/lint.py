"""What is wrong with a golden set, by name: each finding says which defect it is, where, and what to do.

Near duplicates are found by MinHash over words, so that 100 000 items take seconds and not an hour.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.genai.golden import UNANSWERABLE, Attack, GoldenSet, Item
from pipelines.genai.nearness import near_pairs, normal

LEAST_OF_A_KIND = 5
MOST_OF_A_KIND = 0.7
SATURATED, MOST_SATURATED, RUNS = 0.98, 0.9, 3
PII = {
    "a mail address": re.compile(r"\b[\w.+-]+@[\w-]+\.[a-z]{2,}\b", re.I),
    "a bank account": re.compile(
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"
        r"|(?i:\b[A-Z]{2}\d{2} ?[A-Z0-9]{4}(?: ?\d{4}){2,6}(?: ?[A-Z0-9]{1,3})?\b)"
    ),
    "a card number": re.compile(r"\b(?:\d[ -]?){15}\d\b"),
    "a phone number": re.compile(
        r"(?<![\w.])(?:\+[1-9](?:[ ()/.-]{0,2}\d){7,14}|01[5-7]\d{8,9}"
        r"|\(0\d{1,4}\)[ /-]?\d{3,}(?:[ /-]?\d{2,})*|0\d{2,4}[ /-]\d{3,}(?:[ /-]?\d{2,})*)\b"
    ),
}
"""What is masked, in this order: groups of a bank account are taken for a phone number where they are left over."""
CITATION = re.compile(r"\[[^\]]*\]")
SENTENCE = re.compile(r"\n|(?<=[.?!])\s+")
TELLING = 4
"""Words of a reference that may stand nowhere else; fewer, such as an amount, answer many questions."""
VAGUE = re.compile(r"\b(?:it|this|that one|the thing|there|above|the latter|the same)\b\s*\??$", re.I)


@dataclass(frozen=True)
class Finding:
    """One defect of an item or of a set."""

    defect: str
    place: str
    text: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.place}: {self.defect}: {self.text}; {self.way_out}"


Texts = Mapping[str, str]
"""Where a text stands, and the text: few-shot examples, tuning rows, documents."""


def lint(
    golden: GoldenSet, *, elsewhere: Texts, documents: Texts, scores: Mapping[str, list[float]] | None = None
) -> list[Finding]:
    """Every finding about a set.

    `elsewhere` are texts that the model sees or learns from, `documents` the sources; `scores` are an item's scores in
    the runs before, by which saturation is seen.
    """
    checks: tuple[Callable[[], Iterable[Finding]], ...] = (
        lambda: _sealed(golden),
        lambda: _ambiguous(golden),
        lambda: _duplicates(golden),
        lambda: _imbalanced(golden),
        lambda: leaks(golden, elsewhere),
        lambda: _private(golden),
        lambda: _unfounded(golden, documents),
        lambda: _saturated(golden, scores or {}),
    )
    return [finding for check in checks for finding in check()]


def _place(golden: GoldenSet, id_: str) -> str:
    return f"golden/{golden.name}/{id_}"


def _sealed(golden: GoldenSet) -> Iterator[Finding]:
    for problem in golden.unsealed():
        yield Finding("unsealed", problem.place, problem.text, problem.way_out)


def _ambiguous(golden: GoldenSet) -> Iterator[Finding]:
    answers: dict[str, tuple[str, str]] = {}
    for item in (*golden.items, *golden.vault):
        known = answers.setdefault(normal(item.question), (item.id, normal(item.reference)))
        if known[1] != normal(item.reference):
            text = f"the same question as '{known[0]}', with another reference"
            yield Finding("ambiguous", _place(golden, item.id), text, "correct one of the two")
        if VAGUE.search(item.question):
            yield Finding(
                "ambiguous", _place(golden, item.id), f"'{item.question}' points at nothing", "say what is meant"
            )
        if item.kind != UNANSWERABLE and not item.sources:
            yield Finding("ambiguous", _place(golden, item.id), "names no source", "name one, or call it unanswerable")


def _duplicates(golden: GoldenSet) -> Iterator[Finding]:
    every = list(golden.everything())
    for first, second in near_pairs([one.question for one in every]):
        text = f"asks nearly what '{every[first].id}' asks"
        yield Finding("duplicate", _place(golden, every[second].id), text, "remove one of the two")


def _imbalanced(golden: GoldenSet) -> Iterator[Finding]:
    for field in ("topic", "kind"):
        counted = Counter(getattr(item, field) for item in golden.items)
        for value, n in counted.items():
            if n < LEAST_OF_A_KIND:
                text = f"{field} '{value}' has {n} items, {LEAST_OF_A_KIND} are the least"
                yield Finding("imbalance", _place(golden, "items.jsonl"), text, "write more of them")
            if n > MOST_OF_A_KIND * len(golden.items):
                text = f"{field} '{value}' is {n / len(golden.items):.0%} of all items"
                yield Finding("imbalance", _place(golden, "items.jsonl"), text, "write items of other kinds")


def leaks(golden: GoldenSet, elsewhere: Texts) -> Iterator[Finding]:
    """Only the tuning split may be seen elsewhere; questions and references of the vault and the test may not."""
    guarded = [one for one in golden.everything() if isinstance(one, Attack) or one.split != "develop"]
    hidden = [(one.id, text) for one in guarded for text in _hidden(one)]
    seen = [(where, part) for where, text in elsewhere.items() for part in sorted(_parts(text))]
    pairs = near_pairs([text for _, text in (*hidden, *seen)], boundary=len(hidden))
    for id_, where in dict.fromkeys((hidden[first][0], seen[second - len(hidden)][0]) for first, second in pairs):
        yield Finding("leak", _place(golden, id_), f"stands in {where} too", f"remove it from {where}")


def _hidden(one: Item | Attack) -> Iterator[str]:
    """What nobody may see of an item. That there is no answer is no secret."""
    yield one.question
    if isinstance(one, Item) and one.kind != UNANSWERABLE and len(normal(one.reference).split()) >= TELLING:
        yield one.reference


def _parts(text: str) -> set[str]:
    """The lines of a text and the sentences in them, without citations."""
    plain = CITATION.sub("", text)
    return {part for part in (*plain.splitlines(), *SENTENCE.split(plain)) if normal(part)}


def _private(golden: GoldenSet) -> Iterator[Finding]:
    for one in golden.everything():
        text = f"{one.question} {one.reference}" if isinstance(one, Item) else one.question
        for what, pattern in PII.items():
            if pattern.search(text):
                yield Finding(
                    "personal-data",
                    _place(golden, one.id),
                    f"holds {what}",
                    "replace it by an invented one that looks invented",
                )


def _unfounded(golden: GoldenSet, documents: Texts) -> Iterator[Finding]:
    plain = {name: " ".join(text.split()) for name, text in documents.items()}
    for item in (*golden.items, *golden.vault):
        for source in item.sources:
            if source not in plain:
                yield Finding(
                    "unfounded", _place(golden, item.id), f"there is no document '{source}'", "correct the source"
                )
        if item.evidence and not any(item.evidence in plain.get(source, "") for source in item.sources):
            yield Finding(
                "unfounded", _place(golden, item.id), "its evidence does not stand in its sources", "quote the source"
            )


def _saturated(golden: GoldenSet, scores: Mapping[str, list[float]]) -> Iterator[Finding]:
    """Of the splits that runs ask; a single run, or two, say nothing."""
    known = {item.id: np.mean(some) for item in golden.items if len(some := scores.get(item.id, [])) >= RUNS}
    splits = {item.split for item in golden.items if item.id in known}
    asked = sum(item.split in splits for item in golden.items)
    met = sum(score >= SATURATED for score in known.values())
    if len(known) > MOST_SATURATED * asked and met > MOST_SATURATED * len(known):
        text = f"{met} of {asked} items tell no version from another any more"
        yield Finding("saturation", _place(golden, "items.jsonl"), text, "write harder items")
