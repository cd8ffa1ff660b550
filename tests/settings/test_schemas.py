"""The committed JSON Schemas are those of the models, and every settings file leads an editor to its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from settings.schemas import export_schemas, schema_texts, schemas

SETTINGS = Path(__file__).parents[2] / "settings"
FILES = [*sorted(SETTINGS.glob("*.yaml")), *sorted(SETTINGS.glob("*/*.yaml"))]


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of a schema."""
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes(value)


def test_the_committed_schemas_are_those_of_the_models() -> None:
    stale = [path.name for path in export_schemas(SETTINGS, dry_run=True)]
    assert not stale, f"run: blueprint schemas (stale: {', '.join(stale)})"
    assert sorted(path.name for path in (SETTINGS / "schema").iterdir()) == sorted(schema_texts())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SETTINGS)))
def test_every_settings_file_leads_to_its_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found, f"{path} has no schema header"
    schema = path.parent / found[1]
    assert schema.is_file()
    assert schema.stem == (path.stem if path.parent == SETTINGS else path.parent.name.removesuffix("s"))


def test_exporting_writes_what_differs_and_nothing_else(tmp_path: Path) -> None:
    assert len(export_schemas(tmp_path)) == len(schemas())
    (tmp_path / "schema" / "team.json").write_text("{}")
    assert export_schemas(tmp_path, dry_run=True) == [tmp_path / "schema" / "team.json"]
    assert (tmp_path / "schema" / "team.json").read_text() == "{}"
    assert export_schemas(tmp_path) == [tmp_path / "schema" / "team.json"]
    assert export_schemas(tmp_path) == []


@pytest.mark.parametrize("name", schemas())
def test_schemas_are_whole_and_refuse_unknown_keys(name: str) -> None:
    schema = schemas()[name]
    for node in nodes(schema):
        if "$ref" in node:
            assert node["$ref"].removeprefix("#/$defs/") in schema["$defs"]
        if isinstance(node.get("properties"), dict) and node.get("type") == "object":
            assert node["additionalProperties"] is False
        if isinstance(node.get("pattern"), str):
            re.compile(node["pattern"])
    assert json.loads(schema_texts()[f"{name}.json"]) == schema
