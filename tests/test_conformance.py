"""Requirements and controls: each held by something, each claim of a test checked."""

from __future__ import annotations

import csv
from pathlib import Path
from shutil import copytree

import pytest

from operations import controls
from operations.conformance import FILE, Requirement, passed, requirements
from operations.conformance_report import page, summary, write_tables
from operations.proofs import Proof, proofs
from policies.controls import Mechanism, catalogue, gaps, held
from settings.problems import InvalidSettings
from tests.conftest import ROOT
from tests.program import EXAMPLE, blueprint

TEST = "tests/test_it.py::test_it"


def row(tmp_path: Path, text: str) -> Path:
    (tmp_path / "requirements.yaml").write_text(text)
    return tmp_path / "requirements.yaml"


def must(tmp_path: Path, more: str = "") -> Path:
    return row(tmp_path, f"- {{id: A1a, statement: it holds, priority: must, code: [stacks]{more}}}")


def test_every_must_is_proven_or_says_why_not() -> None:
    assert len(requirements()) == 160
    assert "must" in summary(requirements())


def test_a_must_without_proof_is_an_error_until_its_row_says_why(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="A1a: is a must that no test proves"):
        requirements(must(tmp_path), [])
    assert not requirements(must(tmp_path, ", open: later"), [])[0].proven
    assert requirements(must(tmp_path, ", papers: [docs/traps.md]"), [Proof(TEST, ("A1a",), "a hole", 2)])[0].proven


@pytest.mark.parametrize(("more", "told"), [("", "no paper tells of it"), (", open: later", "and says 'open'")])
def test_what_is_proven_has_a_paper_and_is_not_open(tmp_path: Path, more: str, told: str) -> None:
    with pytest.raises(InvalidSettings, match=told):
        requirements(must(tmp_path, more), [Proof(TEST, ("A1a",), "a hole", 2)])


@pytest.mark.parametrize(
    ("proof", "told"),
    [
        (Proof(TEST, ("A1",), "a hole", 2), "proves 'A1', which is no requirement; did you mean"),
        (Proof(TEST, ("A1a",), "", 2), "plants no defect"),
        (Proof(TEST, ("A1a",), "a hole", 1), "plants no defect"),
    ],
)
def test_a_claim_that_does_not_hold_is_named(tmp_path: Path, proof: Proof, told: str) -> None:
    with pytest.raises(InvalidSettings, match=told):
        requirements(must(tmp_path, ", open: later"), [proof])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {id: A, statement: x, priority: perhaps, code: []}", "priority 'perhaps'"),
        ("- {id: A, statement: x, priority: could, code: [nowhere]}", "'nowhere' does not exist"),
        ("- {id: A, statement: x, priority: could, code: [], papers: [docs/no.md]}", "'docs/no.md' does not exist"),
        (
            "[{id: A, statement: x, priority: could, code: []}, {id: A, statement: x, priority: could, code: []}]",
            "twice",
        ),
        ("- {id: A}", "is no list of requirements"),
        ("[", "is no list of requirements"),
    ],
)
def test_a_list_that_is_none_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidSettings, match=told):
        requirements(row(tmp_path, text), [])


def test_the_source_of_a_test_tells_what_it_proves(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    body = '@pytest.mark.proves("A1a", "A1b", defect="a hole")\ndef test_it():\n    assert 1\n    assert 2\n'
    (tests / "test_it.py").write_text(body)
    assert proofs(tests) == [Proof(TEST, ("A1a", "A1b"), "a hole", 2)]
    (tests / "test_it.py").write_text(body.replace("    assert 2\n", ""))
    assert not proofs(tests)[0].counts


def test_only_what_passes_when_it_is_run_counts() -> None:
    good = Proof("tests/test_layers.py::test_a_trespass_is_found", ("A1a",), "a trespass", 3)
    gone = Proof("tests/test_layers.py::test_that_is_not_there", ("A1b",), "nothing", 2)
    some = [Requirement(p.ids[0], "x", "must", (), proofs=(p,)) for p in (good, gone)]
    assert passed(some[:1]) == {"A1a"}
    assert "A1b" not in passed(some[:1])
    assert "1 of   2 proven   50 %" in summary(some, {"A1a"})


@pytest.mark.parametrize(
    ("skipped", "proven"), [("", {"A1a"}), ("    if it == 2:\n        pytest.skip('later')\n", set())]
)
def test_a_proof_that_is_skipped_in_part_proves_nothing(tmp_path: Path, skipped: str, proven: set[str]) -> None:
    head = "import pytest\n@pytest.mark.parametrize('it', [1, 2], ids=['one of two', 'two'])\ndef test_it(it):\n"
    (tmp_path / "test_it.py").write_text(f"{head}{skipped}    assert it\n")
    proof = Proof("test_it.py::test_it", ("A1a",), "a hole", 2)
    assert passed([Requirement("A1a", "x", "must", (), proofs=(proof,))], tmp_path) == proven


def test_a_policy_that_is_only_rehearsed_prevents_nothing(tmp_path: Path) -> None:
    copytree(ROOT / "settings", tmp_path / "settings", ignore=lambda folder, names: [n for n in names if ".py" in n])
    file = tmp_path / "settings/org_policies.yaml"
    assert "DNS-CO-4.1" in held_by("prevent", tmp_path / "settings")
    line = next(it for it in file.read_text().splitlines() if "DNS-CO-4.1" in it)
    file.write_text(file.read_text().replace(line, line.replace("control:", "dry_run: true, control:")))
    assert "DNS-CO-4.1" not in held_by("prevent", tmp_path / "settings")


def held_by(kind: str, settings: Path) -> set[str]:
    """The controls that a kind of mechanism holds."""
    return {id_ for one in controls.mechanisms(settings) if one.kind == kind for id_ in one.controls}


def test_the_tables_name_every_requirement(tmp_path: Path) -> None:
    files = write_tables(requirements(), tmp_path)
    rows = list(csv.DictReader(files[0].read_text().splitlines()))
    assert [one["id"] for one in rows] == [one.id for one in requirements()]
    assert files[1].read_text().count("<tr>") == len(rows) + 1


def test_the_page_tells_of_every_requirement_by_which_test_or_why_not(tmp_path: Path) -> None:
    open_one = Requirement("A1b", "it may hold", "must", ("stacks",), open="later")
    proof = Proof("tests/test_it.py::test_it_holds", ("A1a",), "a hole", 2)
    text = page([Requirement("A1a", "it holds", "must", ("stacks",), proofs=(proof,), papers=("docs/a.md",)), open_one])
    assert "| must | 1 | 2 | 50 % |" in text
    assert "| A1a | it holds | [stacks](../stacks) | [it holds](../tests/test_it.py) | [a.md](a.md) |" in text
    assert "| A1b | it may hold | [stacks](../stacks) | *open: later* | |" in text


def test_every_control_is_held_and_every_mechanism_holds_one() -> None:
    known = controls.controls(ROOT / "settings")
    assert [kind for kind in controls.TITLES if not any(control.held[kind] for control in known)] == []
    assert [control.id for control in known if not any(control.held.values())] == []
    found = controls.mechanisms(ROOT / "settings")
    lost = [m for m in found if "DNS-CO-6.1" not in m.controls]
    assert gaps(held(catalogue(), lost), lost) == [
        "DNS-CO-6.1: nothing holds it; add a rule, a policy, a lock or a test"
    ]
    loose = [*found, Mechanism("detect", "new_rule", ()), Mechanism("detect", "odd_rule", ("XX-CO-1.1",))]
    assert [line.partition(";")[0] for line in gaps(held(catalogue(), loose), loose)] == [
        "new_rule: holds no control",
        "odd_rule: control 'XX-CO-1.1' is not in policies/controls.yaml",
    ]


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("    assert it()\n    assert not it()", None),
        ("    assert it()", "holds no control"),
        ("    pytest.skip('later')\n    assert it()\n    assert not it()", "holds no control"),
        (None, "COM-CO-7.4: nothing holds it"),
    ],
)
def test_only_a_test_that_runs_and_checks_holds_a_control(tmp_path: Path, test: str | None, told: str | None) -> None:
    marked = '@pytest.mark.proves("COM-CO-7.4", defect="a subnet without")\ndef test_it():\n'
    (tmp_path / "test_it.py").write_text(marked + test if test else "")
    proven = controls.proven(proofs(tmp_path))
    found = [m for m in controls.mechanisms(ROOT / "settings") if "COM-CO-7.4" not in m.controls] + proven
    lines = gaps(held(catalogue(), found), found)
    assert lines == [] if told is None else any(told in line for line in lines)


def test_the_matrix_is_complete(tmp_path: Path) -> None:
    known = controls.controls(ROOT / "settings")
    table, page = controls.write_matrix(known, tmp_path)
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [one["control"] for one in rows] == [control.id for control in known]
    assert all(any(one[title] for title in controls.TITLES.values()) for one in rows)
    assert page.read_text().count("<tr>") == len(rows) + 1


def test_the_commands_print_coverage(tmp_path: Path) -> None:
    said = blueprint("policy", "controls", *EXAMPLE, cwd=tmp_path)
    assert (said.returncode, "rule" in said.stdout) == (0, True)
    said = blueprint("conformance", "--tables", "out", cwd=tmp_path)
    assert (said.returncode, (tmp_path / "out/requirements.csv").exists()) == (0, True)
    assert FILE.exists()
