"""A catalog that is open: the deployed example estate, with every template on offer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from catalog_templates.archive import archive
from catalog_templates.template import Template, find, keys
from operations.catalog_desk import Desk
from operations.catalog_opening import in_sandbox, patiently
from operations.catalog_order import Order, Person
from operations.catalog_package import Package
from operations.catalog_publish import publish
from operations.catalog_supply import registered
from sandbox.store import Store
from settings.loading import read
from tests.program import ROOT

ANA = Person("ada@example.com", "data_scientist", "churn")


@contextmanager
def shop(deployed: Path, folder: Path, *templates: Template) -> Iterator[tuple[Desk, Store]]:
    """The desk over a copy of a deployed estate, so that the estate stays as it was, and what exists there."""
    shutil.copytree(deployed / ".sandbox", folder / ".sandbox", ignore=shutil.ignore_patterns("work", "lock"))
    with patiently(folder) as target, in_sandbox(read(ROOT / "settings"), target, folder) as desk:
        offer(desk, *(templates or [find(key) for key in keys()]))
        yield desk, target.cloud.store


def packed(template: Template) -> Package:
    return Package(archive(template), json.dumps({"commit": "0" * 40}))


def offer(desk: Desk, *templates: Template) -> None:
    """Publish templates, put them on offer and register them."""
    publish(desk.index.shelf, [packed(template) for template in templates], offer=True)
    registered(desk)


def order(template: str = "bucket", person: Person = ANA, **choices: Any) -> Order:
    said = {"name": "images", "purpose": "Images of the shop."} | choices
    return Order(template, "churn", person, said)
