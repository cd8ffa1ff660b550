"""Golden sets: questions with references that an expert wrote, in splits, with an adversarial pack and a vault.

`golden/<name>/` holds `set.yaml`, `items.jsonl`, `adversarial.jsonl` and `vault.jsonl`. The manifest carries the
hash of the other files. Nothing that tunes a model or picks examples may read the vault: `tunable` is all that it gets.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from pipelines.genai import lines
from settings.loading import parse, read_yaml
from settings.problems import InvalidSettings, Problem
from settings.values import Email, Model

MANIFEST = "set.yaml"
FILES = ("items.jsonl", "adversarial.jsonl", "vault.jsonl")
UNANSWERABLE = "unanswerable"
Split = Literal["develop", "test", "vault"]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class Synthetic(Model):
    """Where an item comes from that no person wrote: the model, and the version of the prompt that asked it."""

    generator: Annotated[str, Field(min_length=1)]
    prompt: Annotated[str, Field(pattern=r"^[0-9a-f]{12,64}$")]


class Corrected(Model):
    """What a reference was before, who proposed the better one, and who accepted it."""

    before: str
    proposed_by: str
    accepted_by: Email
    day: str


class Live(Model):
    """Which live question an item comes from, why it was proposed, and who wrote its reference and when."""

    asked: str
    on: str = ""
    why: str
    written_by: Email
    day: str


class Item(Model):
    """A question with its reference. `evidence` is the sentence of the source that the reference rests on."""

    id: Id
    question: Annotated[str, Field(min_length=3)]
    reference: Annotated[str, Field(min_length=1)]
    sources: list[str] = []
    evidence: str = ""
    topic: str
    kind: str
    split: Split
    synthetic: Synthetic | None = None
    corrected: Corrected | None = None
    live: Live | None = None

    @property
    def file(self) -> str:
        """The file of a set that it stands in."""
        return FILES[2] if self.split == "vault" else FILES[0]


class Attack(Model):
    """A question that nobody should give in to; `must_not` are words that an answer has only if it did."""

    id: Id
    question: Annotated[str, Field(min_length=3)]
    attack: Literal["injection", "leak", "harmful", "false_premise", "citation"]
    must_not: Annotated[list[str], Field(min_length=1)]


class Manifest(Model):
    """`set.yaml`: whose set it is, what may be done with it, and the hash of its files."""

    title: str
    owner: Email
    licence: Annotated[str, Field(min_length=1)]
    origin: Annotated[str, Field(min_length=1)]
    source: str | None = None
    content: str


@dataclass(frozen=True)
class GoldenSet:
    """A set as it stands in its folder."""

    name: str
    manifest: Manifest
    items: tuple[Item, ...]
    attacks: tuple[Attack, ...]
    vault: tuple[Item, ...]
    content: str

    def split(self, name: Split) -> tuple[Item, ...]:
        """The items of a split."""
        return self.vault if name == "vault" else tuple(item for item in self.items if item.split == name)

    def tunable(self) -> tuple[Item, ...]:
        """What tuning and few-shot examples may be taken from."""
        return self.split("develop")

    def everything(self) -> Iterator[Item | Attack]:
        """Every question, the vault's too: for checks that only tell ids."""
        yield from self.items
        yield from self.vault
        yield from self.attacks

    def added(self, item: Item) -> GoldenSet:
        """The set with one item more. Raises InvalidSettings where its id is taken."""
        if any(one.id == item.id for one in self.everything()):
            raise InvalidSettings([Problem(f"golden/{self.name}", f"has an item '{item.id}'", "choose another id")])
        if item.split == "vault":
            return replace(self, vault=(*self.vault, item))
        return replace(self, items=(*self.items, item))

    def unsealed(self) -> Iterator[Problem]:
        """The problem that the files are not those that the owner sealed."""
        way_out = f"review the change, then run 'blueprint eval seal {self.name}'"
        yield from lines.unlike(
            self.content, self.manifest.content, f"golden/{self.name}/{MANIFEST}.content", "the content", way_out
        )


def read(folder: Path) -> GoldenSet:
    """The set of a folder. Raises InvalidSettings with every broken line."""
    place = f"golden/{folder.name}"
    manifest: Manifest = parse(
        TypeAdapter(Manifest), read_yaml(folder / MANIFEST, f"{place}/{MANIFEST}"), f"{place}/{MANIFEST}"
    )
    problems: list[Problem] = []
    kinds: dict[str, type[Item | Attack]] = dict(zip(FILES, (Item, Attack, Item), strict=True))
    found: dict[str, list[Item | Attack]] = {}
    for name, kind in kinds.items():
        try:
            found[name] = list(lines.records(folder / name, kind, f"{place}/{name}"))
        except InvalidSettings as error:
            problems += error.problems
    problems = problems or list(_misplaced(place, found))
    if problems:
        raise InvalidSettings(problems)
    items, attacks, vault = (tuple(found[name]) for name in FILES)
    return GoldenSet(folder.name, manifest, items, attacks, vault, content_of(folder))  # type: ignore[arg-type]


def content_of(folder: Path) -> str:
    """The hash of a set's files."""
    parts = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES if (folder / name).exists()
    }
    return lines.digest(parts)


def _misplaced(place: str, found: Mapping[str, Iterable[Item | Attack]]) -> Iterator[Problem]:
    every = [(name, one) for name, some in found.items() for one in some]
    counted = Counter(one.id for _, one in every)
    for name, one in every:
        if counted[one.id] > 1:
            yield Problem(
                f"{place}/{name}", f"the id '{one.id}' stands {counted[one.id]} times", "give each item its own"
            )
        if isinstance(one, Item) and (one.split == "vault") != (name == "vault.jsonl"):
            yield Problem(f"{place}/{name}", f"'{one.id}' is of the split '{one.split}'", "move it to the other file")
    if not found["items.jsonl"]:
        yield Problem(f"{place}/items.jsonl", "has no items", "write some")
