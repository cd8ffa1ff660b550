"""What is known about Google and its Terraform provider beside the schema; each table names its source and date."""

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from sandbox.blocks import Knowledge

FOLDER = Path(__file__).parent


@functools.cache
def provider() -> dict[str, Any]:
    """The table of facts about every resource type."""
    table: dict[str, Any] = json.loads((FOLDER / "provider.json").read_text())
    return table


@functools.cache
def table(name: str) -> dict[str, Any]:
    """One of the YAML tables beside this file."""
    content: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return content


def of(type_: str) -> dict[str, Any]:
    """The facts of one resource type; empty when nothing is known."""
    line: dict[str, Any] = provider()["types"].get(type_, {})
    return line


@functools.cache
def fingerprint() -> str:
    """Changes when the facts about resource types change."""
    return hashlib.sha256((FOLDER / "provider.json").read_bytes()).hexdigest()


def knowledge(type_: str) -> Knowledge:
    line = of(type_)
    replace = line.get("replace", "")
    return Knowledge(
        frozenset(replace.split()),
        replace == "*",
        line.get("default", {}),
        frozenset(line.get("computed", "").split()),
        line.get("allowed", {}),
        frozenset(line.get("write_only", "").split()),
    )
