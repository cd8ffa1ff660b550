"""Registering in Service Catalog dies anywhere; the next run finishes it, and what was found stays to be found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from operations.builds.runner import credentials
from operations.catalog_register import Catalog, ServiceCatalog, Solution
from sandbox import redirect
from sandbox.api.server import serving
from sandbox.store import Store
from tests.terraform_folder import SCHEMA

KEY, PROJECT = "bucket", "p1"


class Died(Exception):  # noqa: N818
    """The process is gone."""


@dataclass(frozen=True)
class Mortal(ServiceCatalog):
    """A run that dies before its next change once it has made `lives` of them."""

    lives: int = 0
    made: list[str] = field(default_factory=list)

    def _ask(self, how: str, path: str, *rest: Any, **query: Any) -> Any:
        if how != "GET":
            if len(self.made) == self.lives:
                raise Died
            self.made.append(how)
        return super()._ask(how, path, *rest, **query)


def operator() -> Any:
    return credentials(redirect.OPERATOR)


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An organization with a project, at a sandbox that answers for Google."""
    with Store(tmp_path / "cloud.db") as store, serving(store, SCHEMA) as facade:
        project = {"project_id": PROJECT, "number": "77", "org_id": "1", "folder_id": "", "id": f"projects/{PROJECT}"}
        store.put("google_project", f"projects/{PROJECT}", project)
        monkeypatch.setenv(redirect.ENDPOINT, facade.endpoint)
        redirect.install(facade.endpoint)
        yield "organizations/1"


def offered(version: str, title: str = "Bucket", place: str = "gs://templates") -> Catalog:
    one = Solution(title=title, summary="Files.", version=version, archive=f"{place}/{version}.zip")
    return Catalog(title="acme interactive", projects=[PROJECT], solutions={KEY: one})


CHANGES = {
    "the first version": (None, offered("1.0.0")),
    "another version": (offered("1.0.0"), offered("1.1.0")),
    "another title": (offered("1.0.0"), offered("1.0.0", title="Bucket for files")),
    "another bucket": (offered("1.0.0"), offered("1.0.0", place="gs://others")),
    "nothing any more": (offered("1.0.0"), offered("1.0.0").model_copy(update={"solutions": {}})),
}
KEPT = ("another version", "another title")


@pytest.mark.parametrize("what", CHANGES)
def test_a_run_that_died_anywhere_is_finished_by_the_next(parent: str, what: str) -> None:
    catalog, (before, after), lives = ServiceCatalog(parent, operator), CHANGES[what], 0
    while True:
        _emptied(catalog, before)
        if before:
            catalog.register([before])
        run = Mortal(parent, operator, lives)
        try:
            run.register([after])
        except Died:
            if what in KEPT:
                assert catalog.shares(KEY, PROJECT), run.made
        catalog.register([after])
        assert catalog.catalogs() == [after], run.made
        assert catalog.register([after]) == []
        if len(run.made) < lives:
            break
        lives += 1
    assert lives > 1


def _emptied(catalog: ServiceCatalog, like: Catalog | None) -> None:
    """Nothing is registered, as at the beginning."""
    title = like.title if like else offered("1.0.0").title
    catalog.register([Catalog(title=title, projects=[], solutions={})])
    for it in catalog._list("catalogs", "catalogs", parent=catalog.parent):
        catalog._ask("DELETE", it["name"])


def test_a_product_without_a_version_is_not_to_be_ordered(parent: str) -> None:
    catalog = ServiceCatalog(parent, operator)
    catalog.register([offered("1.0.0")])
    assert catalog.shares(KEY, PROJECT)
    (it,) = catalog._list("catalogs", "catalogs", parent=parent)
    catalog._clear(f"{it['name']}/products/{KEY}")
    assert not catalog.shares(KEY, PROJECT)
    assert catalog.register([offered("1.0.0")]) == ["bucket 1.0.0 registered"]
    assert catalog.shares(KEY, PROJECT)
