"""Ways to break a settings folder, and the answers that every test installation is made from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from settings.loading import read
from settings.problems import InvalidSettings

GONE = object()
"""Stands for a key or a file that is taken away."""

ANSWERS = {
    "organization_id": "123456789012",
    "customer_id": "C01abcd2e",
    "domain": "corp.test",
    "billing_account": "AAAAAA-BBBBBB-CCCCCC",
    "prefix": "corp",
    "suffix": "x7k2",
    "contact": "cloud@corp.test",
    "repository_owner": "corp-ml",
    "app_installation_id": "42",
    "example": "yes",
}
Edits = Mapping[str, Any]


def problems_of(folder: Path) -> list[str]:
    """What `read` finds wrong with a folder, as people see it."""
    try:
        read(folder)
    except InvalidSettings as error:
        return str(error).splitlines()
    return []


def apply(path: Path, change: Any) -> None:
    """Changes one file."""
    path.parent.mkdir(exist_ok=True)
    if change is GONE:
        path.unlink()
    elif isinstance(change, bytes):
        path.write_bytes(change)
    elif isinstance(change, str):
        path.write_text(change, encoding="utf-8")
    else:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for dotted, value in change.items():
            _set(document, dotted.split("/"), value)
        path.write_text(yaml.safe_dump(document), encoding="utf-8")


def _set(document: Any, keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        document = document[int(key)] if isinstance(document, list) else document.setdefault(key, {})
    if value is GONE:
        del document[keys[-1]]
    else:
        document[keys[-1]] = value
