"""Stacks are synthesized again only where something that they are made of has changed, or they themselves have."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from operations.synth_stamp import ROOMS, STAMP, fresh, sources, stamp
from tests.program import EXAMPLE, ROOT, blueprint


def test_nothing_is_synthesized_twice_and_what_somebody_touched_is_made_anew(tmp_path: Path) -> None:
    out = tmp_path / "cdktf.out"
    stack = out / "stacks/organization/cdk.tf.json"

    def made() -> tuple[int, str]:
        assert blueprint("synth", *EXAMPLE, cwd=tmp_path).returncode == 0
        return out.stat().st_ino, stack.read_text()

    first = made()
    assert made() == first
    stack.write_text(first[1].replace("europe-west4", "us-central1"))
    again = made()
    assert (again[0] != first[0], again[1]) == (True, first[1])


@pytest.fixture
def code(tmp_path: Path) -> Path:
    for room in (*ROOMS, "out"):
        (tmp_path / "code" / room).mkdir(parents=True)
        (tmp_path / "code" / room / "it.py").write_text("1")
    return tmp_path / "code"


CHANGES: dict[str, Callable[[Path], object]] = {
    **{f"code of {room}": lambda code, room=room: (code / room / "it.py").write_text("2") for room in ROOMS},
    "a new file": lambda code: (code / "groups/new.yaml").touch(),
    "a file that is gone": lambda code: (code / "groups/it.py").unlink(),
    "a stack": lambda code: (code / "out/it.py").write_text("2"),
    "a stack that is gone": lambda code: (code / "out/it.py").unlink(),
    "no stamp": lambda code: (code / "out" / STAMP).unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_anything_that_counts_is_seen(code: Path, change: str) -> None:
    stamp(code / "out", sources(code / "settings", code))
    assert fresh(code / "out", sources(code / "settings", code))
    CHANGES[change](code)
    assert not fresh(code / "out", sources(code / "settings", code))


def test_the_same_settings_elsewhere_are_others(code: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(code / "settings", other)
    assert sources(code / "settings", code) != sources(other, code)


def test_what_a_synthesis_reads_is_in_the_rooms_that_count() -> None:
    imported = {
        line.split()[1].partition(".")[0]
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith(("from ", "import ")) and len(line.split()) > 1
    }
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert imported & ours <= {*ROOMS}
