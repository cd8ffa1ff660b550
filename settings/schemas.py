"""JSON Schema of every kind of settings file, so that an editor completes and checks while somebody types."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from settings.loading import FILES, FOLDERS
from settings.writing import write

SINGULAR = {"environments": "environment", "teams": "team", "sources": "source"}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema of every kind of file, by the name it is exported under."""
    adapters = FILES | {SINGULAR[name]: adapter for name, adapter in FOLDERS.items()}
    return {name: {"$schema": DIALECT, "title": name} | adapter.json_schema() for name, adapter in adapters.items()}


def schema_texts() -> dict[str, str]:
    """The exported schemas by file name: the same models always give the same bytes."""
    return {f"{name}.json": json.dumps(schema, indent=1) + "\n" for name, schema in schemas().items()}


def export_schemas(folder: Path, *, dry_run: bool = False) -> list[Path]:
    """Writes schema/*.json below a settings folder where they differ, and names the files that differed."""
    stale = {folder / "schema" / name: text for name, text in schema_texts().items()}
    stale = {path: text for path, text in stale.items() if not path.is_file() or path.read_bytes() != text.encode()}
    for path, text in stale.items() if not dry_run else ():
        write(path, text)
    return list(stale)


def singular(relative: str) -> str:
    """The schema of a settings file, by its path below the settings folder."""
    name, _, below = relative.removesuffix(".yaml").partition("/")
    return SINGULAR[name] if below else name


def header(relative: str) -> str:
    """The comment by which an editor finds the schema of a settings file."""
    way = "../schema" if "/" in relative else "schema"
    return f"# yaml-language-server: $schema={way}/{singular(relative)}.json\n"
