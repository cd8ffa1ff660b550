"""From source to catalog: what is published stays as it is, and only what was approved is published."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from catalog_templates.template import find, keys
from operations.catalog_index import Index
from operations.catalog_publish import add_candidates, difference, publish
from operations.catalog_shelf import SandboxShelf
from operations.outcome import Exit, OperationFailed
from sandbox.store import Store
from tests.catalog.shop import packed
from tests.catalog_templates.spoiling import spoiled

put = partial(publish, approved_only=False)


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
        publish(shelf, [template], approved_only=True)
    (name, *_) = add_candidates(shelf, [template], pull=7)
    assert name == f"candidates/7/{template.archive.name}"
    assert Index(shelf).read().templates == {}
    other = spoiled(tmp_path, "bucket", "main.tf", "# Unstructured", "# Loose")
    with pytest.raises(OperationFailed, match="was no candidate"):
        publish(shelf, [packed(other)], approved_only=True)
    assert publish(shelf, [template], approved_only=True) == ["bucket 1.0.0"]


def test_a_published_version_is_on_offer_only_once_promoted(shelf: SandboxShelf) -> None:
    put(shelf, [packed(find("bucket"))])
    assert Index(shelf).read().offered("bucket") is None
    Index(shelf).set_state("bucket", "1.0.0", "offered")
    assert Index(shelf).read().offered("bucket") == "1.0.0"


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
