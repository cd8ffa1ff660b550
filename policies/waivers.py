"""Exceptions: rows of waivers.yaml, each for one rule and some addresses, with a reason, an owner and an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from policies.rule import FOLDER, NotUsable
from policies.scanning import Finding

FILE = FOLDER / "waivers.yaml"
KEYS = ("rule", "address", "reason", "owner", "until")


@dataclass(frozen=True)
class Waiver:
    """One row: findings of `rule` at places that match `address` (a glob over `stack: address`) are accepted."""

    rule: str
    address: str
    reason: str
    owner: str
    until: date

    def covers(self, finding: Finding) -> bool:
        """Whether this row is about the finding."""
        return finding.rule == self.rule and fnmatchcase(finding.place, self.address)

    def __str__(self) -> str:
        return f"waivers.yaml: {self.rule} at {self.address}"


@dataclass(frozen=True)
class Verdict:
    """What is left after the waivers: findings that nobody accepted, and rows that no longer hold."""

    open: list[Finding]
    waived: list[tuple[Finding, Waiver]]
    expired: list[Waiver]
    stale: list[Waiver]

    @property
    def clean(self) -> bool:
        """Whether nothing has to be done."""
        return not (self.open or self.expired or self.stale)


def read_waivers(file: Path = FILE) -> list[Waiver]:
    """Every row. NotUsable for one that lacks something or has no date."""
    try:
        rows = yaml.safe_load(file.read_text(encoding="utf-8")) or []
    except (OSError, yaml.YAMLError) as error:
        raise NotUsable(file.name, f"cannot be read ({error})", "it is a list of rows") from None
    if not isinstance(rows, list):
        raise NotUsable(file.name, "is not a list of rows", f"each row has {', '.join(KEYS)}")
    return [_row(row, f"{file.name} row {number}") for number, row in enumerate(rows, 1)]


def _row(row: object, place: str) -> Waiver:
    if not isinstance(row, dict) or set(row) != set(KEYS):
        told = sorted(set(KEYS) - set(row)) if isinstance(row, dict) else []
        text = f"lacks {', '.join(told)}" if told else "is no row"
        raise NotUsable(place, text, f"a row has exactly {', '.join(KEYS)}")
    # Danger: a moment is a date as well, and cannot be compared with one.
    if type(row["until"]) is not date:
        raise NotUsable(f"{place}.until", f"'{row['until']}' is no date", "write it as 2027-05-31")
    for key in KEYS[:-1]:
        if not isinstance(row[key], str) or not row[key].strip():
            raise NotUsable(f"{place}.{key}", "is empty", "say it in words")
    return Waiver(**row)


def judge(findings: Sequence[Finding], waivers: Sequence[Waiver], *, today: date, whole: bool) -> Verdict:
    """Hold findings against the rows. Only over the whole estate can a row be called stale."""
    waived, left = [], []
    for finding in findings:
        row = next((w for w in waivers if w.covers(finding) and w.until >= today), None)
        waived += [(finding, row)] if row else []
        left += [] if row else [finding]
    expired = [w for w in waivers if w.until < today]
    stale = [w for w in waivers if whole and not any(w.covers(finding) for finding in findings)]
    return Verdict(left, waived, expired, [w for w in stale if w not in expired])
