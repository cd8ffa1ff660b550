"""Requirements with their code, tests and papers. An id counts only by a test that plants a defect and finds it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from operations.outcome import OperationFailed
from operations.proofs import Proof, proofs
from settings.problems import InvalidSettings, Problem, suggestion

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs/requirements.yaml"
VERDICT = re.compile(r"(\S+::\w+)(?:\[.*\])? ([A-Z]+)\b")
Priority = Literal["must", "should", "could"]


@dataclass(frozen=True)
class Requirement:
    """One promise, where it is made, the tests that prove it, the papers on it, and why it may still be open."""

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
    known = [_requirement(row, [proof for proof in marked if proof.counts]) for row in rows]
    problems += [problem for one in known for problem in _unkept(one, f"{file.name}: {one.id}")]
    if problems:
        raise InvalidSettings(problems)
    return known


def passed(known: Sequence[Requirement], root: Path = ROOT) -> set[str]:
    """Run the tests that prove something; the ids whose tests all passed. OperationFailed where none could run."""
    tests = sorted({proof.test for one in known for proof in one.proofs})
    # Each test by its name, one that was skipped too: pytest's summary tells of those by their line only.
    report = subprocess.run(
        [sys.executable, "-m", "pytest", "-vv", "--no-header", "--tb=no", *tests],
        cwd=root,
        env={name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    told = [found.groups() for line in report.splitlines() if (found := VERDICT.match(line))]
    good = {test for test, verdict in told if verdict == "PASSED"}
    bad = {test for test, verdict in told if verdict != "PASSED"}
    if tests and not good | bad:
        last = (report.strip().splitlines() or ["pytest said nothing"])[-1]
        raise OperationFailed("conformance --run", f"no test ran ({last})", "run make .venv/dev, then again")
    return {one.id for one in known if one.proofs and all(p.test in good - bad for p in one.proofs)}


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
            # What is not made yet has no code yet.
            made = [] if row.get("open") else row["code"]
            for missing in [path for path in (*made, *row.get("papers", [])) if not (ROOT / path).exists()]:
                problems.append(Problem(place, f"'{missing}' does not exist", "correct the path"))
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


def _unkept(one: Requirement, place: str) -> Iterator[Problem]:
    """What a row has to have: a must its proof or the reason why not, what is proven its paper and no such reason."""
    if one.priority == "must" and not one.proven and not one.open:
        yield Problem(place, "is a must that no test proves", "mark its test with `proves`, see tests/README")
    if one.proven and one.open:
        yield Problem(place, f"is proven by {one.proofs[0].test} and says 'open'", "remove the line 'open'")
    if one.proven and not one.papers:
        yield Problem(place, "is proven, and no paper tells of it", "name the paper of docs/ in its row: papers: [...]")


def _requirement(row: dict[str, Any], marked: Sequence[Proof]) -> Requirement:
    tests = tuple(proof for proof in marked if row["id"] in proof.ids)
    statement, code, papers = " ".join(row["statement"].split()), tuple(row["code"]), tuple(row.get("papers", ()))
    return Requirement(row["id"], statement, row["priority"], code, row.get("open", ""), tests, papers)
