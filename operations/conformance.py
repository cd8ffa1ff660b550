"""Requirements with their code, tests and papers. An id counts only by a test that plants a defect and finds it."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from operations.outcome import OperationFailed
from operations.proofs import Proof, proofs
from operations.writing import write
from settings.problems import InvalidSettings, Problem, suggestion

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs/requirements.yaml"
Priority = Literal["must", "should", "could"]
HEAD = ("id", "priority", "statement", "code", "proven by", "defects found", "papers", "open")


@dataclass(frozen=True)
class Requirement:
    """One promise, where it is made, the tests that prove it, the papers that name it, and why it may still be open."""

    id: str
    statement: str
    priority: Priority
    code: tuple[str, ...]
    open: str = ""
    proofs: tuple[Proof, ...] = ()
    papers: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether a test proves it."""
        return bool(self.proofs)


def requirements(file: Path = FILE, found: Sequence[Proof] | None = None) -> list[Requirement]:
    """Every requirement with its proofs. InvalidSettings for rows, ids and tests that do not fit, all at once."""
    problems: list[Problem] = []
    rows = _rows(file, problems)
    marked = proofs() if found is None else found
    problems += _strangers(marked, {row["id"] for row in rows})
    papers = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md"))}
    known = [_requirement(row, [p for p in marked if p.counts], papers) for row in rows]
    problems += [
        Problem(
            f"{file.name}: {one.id}", "is a must that no test proves", "mark its test with `proves`, see tests/README"
        )
        for one in known
        if one.priority == "must" and not one.proven and not one.open
    ]
    if problems:
        raise InvalidSettings(problems)
    return known


def passed(known: Sequence[Requirement]) -> set[str]:
    """Run the tests that prove something; the ids whose tests all passed. OperationFailed where none could run."""
    tests = sorted({proof.test for one in known for proof in one.proofs})
    report = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rpfEs", "--no-header", "--tb=no", *tests],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    good = {line.split()[1].partition("[")[0] for line in report.splitlines() if line.startswith("PASSED ")}
    bad = {
        line.split()[1].partition("[")[0]
        for line in report.splitlines()
        if line.startswith(("FAILED ", "ERROR ", "SKIP"))
    }
    if tests and not good | bad:
        last = (report.strip().splitlines() or ["pytest said nothing"])[-1]
        raise OperationFailed("conformance --run", f"no test ran ({last})", "run make .venv/dev, then again")
    return {one.id for one in known if one.proofs and all(p.test in good - bad for p in one.proofs)}


def summary(known: Sequence[Requirement], ran: set[str] | None = None) -> str:
    """Percentages by priority; with `ran`, only ids whose tests have just passed count."""
    lines = []
    for priority in get_args(Priority):
        some = [one for one in known if one.priority == priority]
        done = sum(one.id in ran if ran is not None else one.proven for one in some)
        lines.append(f"{priority:<7} {done:>3} of {len(some):>3} proven  {100 * done // max(1, len(some)):>3} %")
    missing = [one.id for one in known if not (one.id in ran if ran is not None else one.proven)]
    return "\n".join([*lines, f"open: {', '.join(missing)}" if missing else "nothing is open"])


def write_tables(known: Sequence[Requirement], out: Path) -> list[Path]:
    """The table as requirements.csv and requirements.html."""
    rows = [_row(one) for one in known]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEAD, *rows])
    cells = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    head = "".join(f"<th>{title}</th>" for title in HEAD)
    body = "\n".join(f"<tr>{row}</tr>" for row in [head, *cells])
    title = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Requirements</title>'
    html = f"{title}<table>{body}</table></html>\n"
    out.mkdir(parents=True, exist_ok=True)
    files = {out / "requirements.csv": text.getvalue(), out / "requirements.html": html}
    for path, content in files.items():
        write(path, content)
    return list(files)


def _row(one: Requirement) -> list[str]:
    tests, defects = [p.test for p in one.proofs], [p.defect for p in one.proofs]
    lists = [one.code, tests, defects, one.papers]
    return [one.id, one.priority, one.statement, *("; ".join(some) for some in lists), "" if one.proven else one.open]


def _rows(file: Path, problems: list[Problem]) -> list[dict[str, Any]]:
    try:
        rows = yaml.safe_load(file.read_text(encoding="utf-8"))
        seen: set[str] = set()
        for row in rows:
            place = f"{file.name}: {row['id']}"
            if row["id"] in seen:
                problems.append(Problem(place, "stands there twice", "an id is used once"))
            if row["priority"] not in get_args(Priority):
                problems.append(Problem(place, f"priority '{row['priority']}'", "it is must, should or could"))
            missing = [path for path in row["code"] if not (ROOT / path).exists()]
            # What is not made yet has no code yet.
            if missing and not row.get("open"):
                problems.append(Problem(place, f"code '{missing[0]}' does not exist", "correct the path"))
            seen.add(row["id"])
        return list(rows)
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        problem = Problem(file.name, f"is no list of requirements ({error})", "a row has id, statement, priority, code")
        raise InvalidSettings([problem]) from None


def _strangers(marked: Sequence[Proof], ids: set[str]) -> list[Problem]:
    from policies.controls import catalogue

    known = ids | {control.id for control in catalogue()}
    out = [
        Problem(
            proof.test, f"proves '{id_}', which is no requirement", suggestion(id_, known, "see docs/requirements.yaml")
        )
        for proof in marked
        for id_ in proof.ids
        if id_ not in known
    ]
    for proof in marked:
        if not proof.counts:
            way_out = "name the defect, and check both that right is accepted and that the defect is refused"
            out.append(Problem(proof.test, "is marked as a proof but plants no defect", way_out))
    return out


def _requirement(row: dict[str, Any], marked: Sequence[Proof], papers: dict[Path, str]) -> Requirement:
    tests = tuple(proof for proof in marked if row["id"] in proof.ids)
    words = f"`{row['id']}`"
    named = tuple(str(path.relative_to(ROOT)) for path, text in papers.items() if words in text)
    statement = " ".join(row["statement"].split())
    return Requirement(row["id"], statement, row["priority"], tuple(row["code"]), row.get("open", ""), tests, named)
