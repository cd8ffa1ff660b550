"""The vulnerability gate as data: which severities block, and which findings are accepted until when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from pipelines.images.image import FOLDER
from settings.loading import parse, read_yaml
from settings.model import Model
from settings.values import Email, Text

FILE = FOLDER / "vulnerabilities.yaml"
Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW", "MINIMAL"]


class Accepted(Model):
    """A finding that does no harm here, on somebody's word and until a day."""

    image: Text
    id: Text
    package: Text
    reason: Annotated[str, Field(min_length=10)]
    owner: Email
    until: date


class Rules(Model):
    """The file of rules."""

    blocks: Annotated[list[Severity], Field(min_length=1)]
    exceptions: list[Accepted] = []


@dataclass(frozen=True)
class Finding:
    """What a scanner says of one package of an image."""

    id: str
    package: str
    severity: str


def rules(path: Path = FILE) -> Rules:
    """The rules. InvalidSettings where the file offends its form."""
    place = f"pipelines/images/{path.name}"
    found: Rules = parse(TypeAdapter(Rules), read_yaml(path, place), place)
    return found


def rules_of(image: str, path: Path = FILE) -> Rules:
    """The rules for one image, by its key."""
    known = rules(path)
    return known.model_copy(update={"exceptions": [one for one in known.exceptions if one.image == image]})


def overdue(known: Rules, today: date) -> list[Accepted]:
    """Exceptions whose last day is over."""
    return [one for one in known.exceptions if one.until < today]


def blocking(known: Rules, findings: Iterable[Finding], today: date) -> Iterator[str]:
    """A sentence for each finding that is not accepted, and for each exception that is over."""
    accepted = {(one.id, one.package) for one in known.exceptions if one.until >= today}
    for finding in sorted(findings, key=lambda one: (one.severity, one.id, one.package)):
        if finding.severity in known.blocks and (finding.id, finding.package) not in accepted:
            yield f"{finding.id} in {finding.package} is {finding.severity}"
    for one in overdue(known, today):
        yield f"the exception for {one.id} in {one.package} was over on {one.until}; ask {one.owner}"


def stale(known: Rules, findings: Sequence[Finding]) -> list[str]:
    """A sentence for each exception that nothing found needs any more."""
    there = {(one.id, one.package) for one in findings}
    needless = [one for one in known.exceptions if (one.id, one.package) not in there]
    return [f"nothing needs the exception for {one.id} in {one.package}; remove it" for one in needless]
