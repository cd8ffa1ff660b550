"""What conformance looks like: percentages, a table for programs and people, and the page in docs/."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import get_args

from operations.conformance import Priority, Requirement
from operations.sheets import Cell, Sheet, write_sheet

HEAD = ("id", "priority", "statement", "code", "proven by", "defects found", "papers", "open")
INTRO = """# What is proven

Made by `make bless` from [requirements.yaml](requirements.yaml) and the tests' markers ([how](../tests/README.md)).
A requirement counts by a test that runs and finds a planted defect; `blueprint conformance --run` runs them all.
"""


def summary(known: Sequence[Requirement], ran: set[str] | None = None) -> str:
    """Percentages by priority; with `ran`, only ids whose tests have just passed count."""
    proven = _counts(ran)
    lines = [f"{p:<7} {done:>3} of {all_:>3} proven  {share:>3} %" for p, done, all_, share in shares(known, proven)]
    missing = [one.id for one in known if not proven(one)]
    return "\n".join([*lines, f"open: {', '.join(missing)}" if missing else "nothing is open"])


def shares(known: Sequence[Requirement], proven: Callable[[Requirement], bool]) -> list[tuple[str, int, int, int]]:
    """For each priority: how many are proven, of how many, and the percentage."""
    found = []
    for priority in get_args(Priority):
        some = [one for one in known if one.priority == priority]
        done = sum(map(proven, some))
        found.append((priority, done, len(some), 100 * done // max(1, len(some))))
    return found


def write_tables(known: Sequence[Requirement], out: Path) -> list[Path]:
    """The table as requirements.csv and requirements.html."""
    told = "; ".join(f"{priority}: {done} of {of} proven" for priority, done, of, _ in shares(known, _counts(None)))
    return write_sheet(Sheet("Requirements", told, HEAD, [_row(one) for one in known]), out, "requirements")


def page(known: Sequence[Requirement]) -> str:
    """docs/conformance.md."""
    lines = [INTRO, "| priority | proven | of | |", "|---|---|---|---|"]
    lines += [f"| {p} | {done} | {all_} | {share} % |" for p, done, all_, share in shares(known, _counts(None))]
    lines += ["", "| id | it holds that | code | test | doc |", "|---|---|---|---|---|"]
    for one in known:
        tests = [_link(proof.test.partition("::")[0], _said(proof.test)) for proof in one.proofs]
        cells = [one.statement, _all(map(_link, one.code)), _all(tests) or f"*open: {one.open}*"]
        lines.append(f"| {one.id} | {' | '.join(cells)} | {_all(map(_link, one.papers))} |".replace("  |", " |"))
    return "\n".join(lines) + "\n"


def _counts(ran: set[str] | None) -> Callable[[Requirement], bool]:
    return lambda one: one.proven if ran is None else one.id in ran


def _row(one: Requirement) -> list[Cell]:
    tests, defects = [proof.test for proof in one.proofs], [proof.defect for proof in one.proofs]
    return [one.id, one.priority, one.statement, one.code, tests, defects, one.papers, "" if one.proven else one.open]


def _all(links: Iterable[str]) -> str:
    return "<br>".join(links)


def _link(path: str, text: str = "") -> str:
    target = path.removeprefix("docs/") if path.startswith("docs/") else f"../{path}"
    return f"[{text or path.removeprefix('docs/')}]({target})"


def _said(test: str) -> str:
    """A test as a sentence."""
    return test.partition("::test_")[2].replace("_", " ")
