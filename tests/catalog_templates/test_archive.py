"""An archive is its content: the same bytes wherever and whenever it is made, and its name tells which."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from catalog_templates.archive import archive, content
from catalog_templates.metadata import DISPLAY, METADATA, metadata, offences
from catalog_templates.template import FOLDER, find, keys, read


@pytest.mark.parametrize("key", keys())
def test_the_same_content_gives_the_same_bytes(tmp_path: Path, key: str) -> None:
    copy = tmp_path / key
    shutil.copytree(FOLDER / key, copy)
    for path in copy.rglob("*.tf"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    (copy / ".terraform").mkdir()
    (copy / ".terraform/leftover.tf").write_text("")
    assert archive(read(copy)).data == archive(find(key)).data


def test_another_content_gives_another_name(tmp_path: Path) -> None:
    copy = tmp_path / "bucket"
    shutil.copytree(FOLDER / "bucket", copy)
    (copy / "main.tf").write_text((copy / "main.tf").read_text() + "# changed\n")
    first, second = archive(find("bucket")), archive(read(copy))
    assert first.name != second.name
    assert hashlib.sha256(first.data).hexdigest()[:12] in first.name


def test_the_root_module_stands_at_the_top_with_both_front_doors() -> None:
    files = content(archive(find("bucket")).data)
    assert {"main.tf", "variables.tf", "versions.tf", METADATA, DISPLAY} <= files.keys()


@pytest.mark.parametrize("key", keys())
def test_generated_metadata_says_only_what_googles_tools_know(key: str) -> None:
    assert [it for name, text in metadata(find(key)).items() for it in offences(name, text)] == []


def test_metadata_with_a_field_that_they_do_not_know_is_found() -> None:
    text = metadata(find("bucket"))[METADATA].replace("  info:\n", "  colour: red\n  info:\n", 1)
    assert [problem.place for problem in offences(METADATA, text)] == [f"{METADATA}.spec"]


def test_what_the_platform_fills_is_not_shown_to_who_orders() -> None:
    assert "invisible: true" in metadata(find("bucket"))[DISPLAY].split("kms_key:")[1].split("title:")[1]
