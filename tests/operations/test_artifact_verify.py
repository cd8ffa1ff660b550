"""What `artifact verify` says of an archive: where it comes from, or that it is not what it was."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from catalog_templates.archive import archive
from catalog_templates.template import find
from operations.artifacts import explained, verified
from operations.catalog_check import Checked
from operations.catalog_package import PROVENANCE, _package, write_packages
from operations.catalog_record import Record
from operations.outcome import Exit, OperationFailed
from tests.changes import MILA, OTTO
from tests.conftest import ROOT


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The archive of a template with its provenance beside it."""
    (path,) = write_packages([_package(archive(find("bucket")), Checked("bucket", [], 1, 5), "c0ffee")], tmp_path)
    return path


def refused(path: Path) -> tuple[int, str]:
    with pytest.raises(OperationFailed) as raised:
        verified(ROOT / "settings", path.parent, "sandbox", str(path))
    return raised.value.code, str(raised.value)


def test_an_archive_tells_its_template_its_commit_and_what_was_checked(made: Path) -> None:
    told = "\n".join(explained(verified(ROOT / "settings", made.parent, "sandbox", str(made))))
    words = (
        made.name,
        "template  bucket",
        "commit    c0ffee",
        "rules on the plan",
        "0 problems in 5 tests and 1 examples",
        "approved  by nobody",
    )
    assert all(word in told for word in words)


def test_an_archive_of_other_bytes_without_its_paper_or_that_is_not_there_is_refused(made: Path) -> None:
    other = made.with_name("other.zip")
    assert refused(other)[0] == Exit.BAD_INPUT
    other.write_bytes(made.read_bytes())
    code, told = refused(other)
    assert (code, "has no provenance beside it" in told) == (Exit.REFUSED, True)
    made.write_bytes(made.read_bytes() + b"more")
    code, told = refused(made)
    assert (code, "is not what its provenance says" in told) == (Exit.REFUSED, True)


@pytest.mark.parametrize("paper", ["", "x", '{"x": 1}', '"x"', "[]", '{"sha256": "SUM"}', '{"built": null}', "WITHOUT"])
def test_a_paper_that_cannot_be_read_is_refused_in_a_sentence(made: Path, paper: str) -> None:
    beside = made.with_name(made.name.removesuffix(".zip") + PROVENANCE)
    whole = json.loads(beside.read_text())
    without = json.dumps({key: value for key, value in whole.items() if key != "commit"})
    beside.write_text(paper.replace("SUM", whole["sha256"]).replace("WITHOUT", without))
    code, told = refused(made)
    assert (code, "has no provenance beside it that can be read" in told) == (Exit.REFUSED, True)


def test_people_of_whom_nothing_is_on_record_are_not_told(made: Path) -> None:
    """What lies outside of the catalog may name anybody."""
    beside = made.with_name(made.name.removesuffix(".zip") + PROVENANCE)
    for built in (None, asdict(Record("pool", "made-up", (MILA,), MILA, OTTO))):
        beside.write_text(json.dumps(json.loads(beside.read_text()) | {"built": built}))
        found = verified(ROOT / "settings", made.parent, "sandbox", str(made))
        assert [name for name in (MILA, OTTO, "made-up") if name in "\n".join(explained(found)) + str(found)] == []
