"""The catalog for those who fill it: candidates, versions, what is on offer, and its registration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from operations import catalog_publish as publishing
from operations.catalog_desk import Desk
from operations.catalog_index import Contents, Index
from operations.catalog_package import package
from operations.catalog_register import ServiceCatalog, wanted
from operations.catalog_service import at_the_desk
from operations.catalog_shelf import GoogleShelf, Shelf
from operations.target import home_of
from settings.loading import names_of, read

T = TypeVar("T")


@contextmanager
def shelf(settings: Path, root: Path, target: str, bucket: str) -> Iterator[Shelf]:
    """The catalog's bucket on a target; on Google another one may be named."""
    if target == "google":
        yield GoogleShelf(bucket or names_of(read(settings)).template_bucket())
    else:
        with at_the_desk(settings, root) as desk:
            yield desk.index.shelf


def supply(
    keys: Sequence[str],
    *,
    settings: Path,
    root: Path,
    folder: Path,
    target: str,
    bucket: str,
    commit: str,
    use: Callable[..., T],
) -> T:
    """Check and package templates of a folder, and hand them with the bucket to `use`."""
    schema = home_of("sandbox", root) / "schema"
    packages = package(keys, settings=settings, schema=schema, folder=folder, commit=commit)
    with shelf(settings, root, target, bucket) as place:
        return use(place, packages)


def register(settings: Path, root: Path) -> list[str]:
    """Make the solutions of the sandbox's Service Catalog equal to what is on offer."""
    with at_the_desk(settings, root) as desk:
        return registered(desk)


def registered(desk: Desk) -> list[str]:
    """The same at an open desk."""
    offered, contents = desk.on_offer(), desk.index.read()
    archives = {key: contents.templates[key][version].archive for key, (version, _) in offered.items()}
    return ServiceCatalog(desk.engine.cloud.store).register(wanted(desk.installation, offered, archives))


def set_state(settings: Path, root: Path, key: str, version: str, *, state: Any, until: str | None) -> Contents:
    """Promote or withdraw a version."""
    with at_the_desk(settings, root) as desk:
        return desk.index.set_state(key, version, state, until)


def difference(settings: Path, root: Path, key: str, versions: tuple[str, str]) -> list[str]:
    """What two versions differ in."""
    with at_the_desk(settings, root) as desk:
        return publishing.difference(desk.index.shelf, key, *versions)


def contents(settings: Path, root: Path) -> Contents:
    """Every version and its state."""
    with shelf(settings, root, "sandbox", "") as place:
        return Index(place).read()
