"""The catalog for those who fill it: candidates, versions, what is on offer, and its registration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from operations import catalog_publish as publishing
from operations.catalog_desk import Desk
from operations.catalog_index import Contents, Index, today
from operations.catalog_opening import KEEPER, at_the_desk, patiently
from operations.catalog_package import package
from operations.catalog_register import wanted
from operations.catalog_shelf import GoogleShelf, SandboxShelf, Shelf
from operations.target import home_of
from settings.loading import names_of, read
from settings.problems import InvalidSettings, Problem

T = TypeVar("T")


@contextmanager
def shelf(settings: Path, root: Path, target: str, bucket: str) -> Iterator[Shelf]:
    """The catalog's bucket on a target; another one may be named."""
    name = bucket or names_of(read(settings)).template_bucket()
    if target == "google":
        yield GoogleShelf(name)
    else:
        with patiently(root) as place:
            yield SandboxShelf(place.cloud.store, name)


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


def register(settings: Path, root: Path, target: str) -> list[str]:
    """Make the solutions of Service Catalog equal to what is on offer."""
    with at_the_desk(settings, root, target, KEEPER) as desk:
        return registered(desk)


def registered(desk: Desk) -> list[str]:
    """The same at an open desk."""
    offered, contents, place = desk.on_offer(), desk.index.read(), desk.index.shelf.place
    archives = {key: f"{place}/{contents.templates[key][version].archive}" for key, (version, _) in offered.items()}
    return desk.catalog.register(wanted(desk.installation, offered, archives))


def set_state(
    settings: Path, root: Path, target: str, key: str, version: str, *, state: Any, until: str | None
) -> Contents:
    """Promote or withdraw a version. InvalidSettings where `until` is no day, or one that is over."""
    if until is not None:
        _must_come(until)
    with shelf(settings, root, target, "") as place:
        return Index(place).set_state(key, version, state, until)


def _must_come(day: str) -> None:
    """A day is written as 2027-01-31, and what nobody could order any more is not put on offer."""
    try:
        known = date.fromisoformat(day).isoformat() == day
    except ValueError:
        known = False
    if not known:
        raise InvalidSettings([Problem(f"--until {day}", "is no day", "write it as 2027-01-31")])
    if day < today():
        raise InvalidSettings([Problem(f"--until {day}", "is over", "name today or a later day, or withdraw it")])


def difference(settings: Path, root: Path, target: str, key: str, versions: tuple[str, str]) -> list[str]:
    """What two versions differ in."""
    with shelf(settings, root, target, "") as place:
        return publishing.difference(place, key, *versions)


def contents(settings: Path, root: Path, target: str) -> Contents:
    """Every version and its state."""
    with shelf(settings, root, target, "") as place:
        return Index(place).read()
