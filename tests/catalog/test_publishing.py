"""From source to catalog: what is published stays as it is, and only what was approved is published."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from catalog_templates.template import find, keys
from operations.catalog_index import Index
from operations.catalog_publish import add_candidates, difference, publish
from operations.catalog_record import Record
from operations.catalog_shelf import SandboxShelf
from operations.outcome import Exit, OperationFailed
from sandbox.store import Store
from tests.catalog.shop import packed
from tests.catalog_templates.spoiling import spoiled
from tests.changes import MILA, OTTO
from tests.program import EXAMPLE, blueprint

put = publish
RECORD = Record("pool", "build-1", (MILA,), MILA, OTTO)


@pytest.fixture
def shelf(tmp_path: Path) -> SandboxShelf:
    store = Store(tmp_path / "cloud.db")
    store.put("google_storage_bucket", "templates", {"id": "templates"})
    return SandboxShelf(store, "templates")


def test_publishing_twice_changes_nothing(shelf: SandboxShelf) -> None:
    packages = [packed(find(key)) for key in keys()]
    assert len(put(shelf, packages)) == len(keys())
    names = shelf.names("")
    assert put(shelf, packages) == []
    assert shelf.names("") == names


@pytest.mark.proves("P2a", defect="other content under a published version")
def test_a_version_is_never_overwritten(shelf: SandboxShelf, tmp_path: Path) -> None:
    put(shelf, [packed(find("bucket"))])
    assert [name for name in shelf.names("published/bucket/1.0.0/") if name.endswith(".zip")]
    changed = spoiled(tmp_path, "bucket", "main.tf", "# Unstructured", "# Loose")
    with pytest.raises(OperationFailed, match="published with other content; raise version") as refused:
        put(shelf, [packed(changed)])
    assert refused.value.code == Exit.REFUSED
    with pytest.raises(OperationFailed, match="raise version"):
        add_candidates(shelf, [packed(changed)])


def test_an_older_version_than_the_newest_is_refused(shelf: SandboxShelf, tmp_path: Path) -> None:
    put(shelf, [packed(find("bucket"))])
    with pytest.raises(OperationFailed, match=r"is older than 1\.0\.0"):
        put(shelf, [packed(spoiled(tmp_path, "bucket", "manifest.yaml", "version: 1.0.0", "version: 0.9.0"))])


@pytest.mark.proves("P2c", defect="bytes that were no candidate")
def test_only_approved_bytes_are_published(shelf: SandboxShelf, tmp_path: Path) -> None:
    """P2: a pull request adds a candidate, approval publishes the same bytes."""
    template = packed(find("bucket"))
    with pytest.raises(OperationFailed, match="was no candidate"):
        publish(shelf, [template], record=RECORD)
    (name, *_) = add_candidates(shelf, [template], pull=7)
    assert name == f"candidates/7/{template.archive.name}"
    assert Index(shelf).read().templates == {}
    other = spoiled(tmp_path, "bucket", "main.tf", "# Unstructured", "# Loose")
    with pytest.raises(OperationFailed, match="was no candidate"):
        publish(shelf, [packed(other)], record=RECORD)
    assert publish(shelf, [template], record=RECORD) == ["bucket 1.0.0"]
    (paper,) = (name for name in shelf.names("published/bucket/") if name.endswith(".json"))
    told = json.loads(shelf.get(paper) or b"")["built"]
    assert (told["authors"], told["approver"], told["build"]) == ([MILA], OTTO, "build-1")


@pytest.mark.parametrize("left", [None, replace(RECORD, build="build-0")])
def test_what_somebody_left_half_way_is_not_offered_with_a_paper_of_another_build(
    shelf: SandboxShelf, left: Record | None
) -> None:
    template = packed(find("bucket"))
    add_candidates(shelf, [template], pull=7)
    paper = template.recorded(left) if left else template
    shelf.put_new(f"published/bucket/1.0.0/{template.provenance_name}", paper.provenance.encode())
    with pytest.raises(OperationFailed, match="raise the version"):
        publish(shelf, [template], record=RECORD, offer=True)
    assert Index(shelf).read().templates == {}


def test_a_build_finishes_what_it_left_half_way_itself(shelf: SandboxShelf) -> None:
    template = packed(find("bucket"))
    add_candidates(shelf, [template], pull=7)
    place = f"published/bucket/1.0.0/{template.provenance_name}"
    shelf.put_new(place, template.recorded(RECORD).provenance.encode())
    assert publish(shelf, [template], record=RECORD) == ["bucket 1.0.0"]


def test_an_empty_build_is_no_build_that_nobody_has_to_approve(tmp_path: Path) -> None:
    done = blueprint("catalog", "publish", "bucket", "--build", "", *EXAMPLE, cwd=tmp_path)
    assert (done.returncode, "--build: is empty" in done.stderr) == (2, True), done.stderr


def test_a_published_version_is_on_offer_only_once_promoted(shelf: SandboxShelf) -> None:
    put(shelf, [packed(find("bucket"))])
    assert Index(shelf).read().offered("bucket") is None
    Index(shelf).set_state("bucket", "1.0.0", "offered")
    assert Index(shelf).read().offered("bucket") == "1.0.0"


def test_who_publishes_again_to_offer_it_is_told_to_promote_it(shelf: SandboxShelf) -> None:
    put(shelf, [packed(find("bucket"))])
    told = ["bucket 1.0.0: is published already; promote it: 'blueprint catalog promote bucket 1.0.0'"]
    assert put(shelf, [packed(find("bucket"))], offer=True) == told
    Index(shelf).set_state("bucket", "1.0.0", "withdrawn")
    assert put(shelf, [packed(find("bucket"))], offer=True) == []


def test_two_writers_of_the_index_lose_nothing(shelf: SandboxShelf) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: put(shelf, [packed(find(key))], offer=True), keys()))
    contents = Index(shelf).read()
    assert sorted(contents.templates) == keys()
    assert all(contents.offered(key) for key in keys())


def test_the_difference_of_two_versions_is_readable(shelf: SandboxShelf, tmp_path: Path) -> None:
    put(shelf, [packed(find("bucket"))])
    second = spoiled(tmp_path, "bucket", "manifest.yaml", "version: 1.0.0", "version: 1.1.0")
    put(shelf, [packed(second)])
    lines = difference(shelf, "bucket", "1.0.0", "1.1.0")
    assert "-version: 1.0.0" in lines
    assert "+version: 1.1.0" in lines
    assert difference(shelf, "bucket", "1.0.0", "1.0.0") == []


def test_versions_are_compared_as_numbers(shelf: SandboxShelf, tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0"):
        folder = tmp_path / version
        folder.mkdir()
        put(
            shelf,
            [packed(spoiled(folder, "bucket", "manifest.yaml", "version: 1.0.0", f"version: {version}"))],
            offer=True,
        )
    assert Index(shelf).read().offered("bucket") == "1.10.0"


def test_a_catalog_without_its_bucket_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(OperationFailed, match="run 'blueprint up'"):
        SandboxShelf(Store(tmp_path / "cloud.db"), "templates")


@pytest.mark.parametrize("until", ["2020-01-31", "2027-02-31", "20270131", "soon"])
def test_a_last_day_is_a_day_to_come(until: str, tmp_path: Path) -> None:
    done = blueprint("catalog", "promote", "bucket", "1.0.0", "--until", until, *EXAMPLE, cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0].startswith(f"--until {until}: is ")) == (2, True), done.stderr
    assert not list(tmp_path.iterdir())
    later = blueprint("catalog", "promote", "bucket", "1.0.0", "--until", "9999-12-31", *EXAMPLE, cwd=tmp_path)
    assert "does not exist; run 'blueprint up'" in later.stderr
