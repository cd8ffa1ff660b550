"""The index of the catalog: which versions there are and which may be ordered.

Every change is a new snapshot with the next number, because objects of the catalog's bucket cannot be written twice.
Two writers at the same moment want the same number: one of them reads again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import TypeAdapter

from operations.catalog_shelf import Shelf
from operations.outcome import Exit, OperationFailed
from settings.model import Model
from settings.problems import suggestion

FOLDER = "published/index"
ATTEMPTS = 20
State = Literal["published", "offered", "withdrawn"]


class Release(Model):
    """One version: its archive, and whether it may be ordered. `until` is the last day, as 2027-01-31."""

    archive: str
    sha256: str
    commit: str
    state: State = "published"
    until: str | None = None

    def expired(self, today: str) -> bool:
        """Whether its last day is over."""
        return self.until is not None and self.until < today


class Contents(Model):
    """Every version of every template."""

    templates: dict[str, dict[str, Release]] = {}

    def offered(self, key: str) -> str | None:
        """The newest version that may be ordered today."""
        known, day = self.templates.get(key, {}), today()
        found = [version for version, it in known.items() if it.state == "offered" and not it.expired(day)]
        return max(found, key=numbers, default=None)


_CONTENTS: TypeAdapter[Contents] = TypeAdapter(Contents)


def numbers(version: str) -> tuple[int, ...]:
    """A version as it is compared."""
    return tuple(int(part) for part in version.split("."))


@dataclass(frozen=True)
class Index:
    """The newest snapshot, and how to make the next."""

    shelf: Shelf

    def read(self) -> Contents:
        """What the catalog holds now."""
        return self._newest()[1]

    def change(self, edit: Callable[[Contents], Contents]) -> Contents:
        """Make the contents what `edit` says; it is asked again where somebody else was faster."""
        for _ in range(ATTEMPTS):
            number, contents = self._newest()
            wanted = edit(contents)
            if wanted == contents:
                return contents
            if self.shelf.put_new(_name(number + 1), wanted.model_dump_json(indent=1).encode()):
                return wanted
        raise OperationFailed(self.shelf.place, "is changed by many others right now", "run it again")

    def release(self, key: str, version: str) -> Release:
        """A version of a template. OperationFailed where there is none."""
        return _release(self.read(), key, version)

    def set_state(self, key: str, version: str, state: State, until: str | None = None) -> Contents:
        """Promote or withdraw a version; what was made from it stays."""

        def edit(contents: Contents) -> Contents:
            changed = _release(contents, key, version).model_copy(update={"state": state, "until": until})
            return with_release(contents, key, version, changed)

        return self.change(edit)

    def _newest(self) -> tuple[int, Contents]:
        names = self.shelf.names(f"{FOLDER}/")
        if not names:
            return 0, Contents()
        return int(names[-1].rpartition("/")[2].partition(".")[0]), self._parsed(names[-1])

    def _parsed(self, name: str) -> Contents:
        try:
            return _CONTENTS.validate_python(json.loads(self.shelf.get(name) or b""))
        except ValueError:
            raise OperationFailed(f"{self.shelf.place}/{name}", "is no index", "restore its first version") from None


def with_release(contents: Contents, key: str, version: str, release: Release) -> Contents:
    """The contents with one version put in place."""
    versions = {**contents.templates.get(key, {}), version: release}
    ordered = {number: versions[number] for number in sorted(versions, key=numbers)}
    return Contents(templates=dict(sorted({**contents.templates, key: ordered}.items())))


def today() -> str:
    """The day, as it is written in the index."""
    return datetime.now(UTC).date().isoformat()


def _name(number: int) -> str:
    return f"{FOLDER}/{number:06}.json"


def _release(contents: Contents, key: str, version: str) -> Release:
    if key not in contents.templates:
        way_out = suggestion(key, contents.templates, "see 'blueprint catalog list'")
        raise OperationFailed(f"template '{key}'", "is not in the catalog", way_out, code=Exit.BAD_INPUT)
    versions = contents.templates[key]
    if version not in versions:
        known = f"there are {', '.join(versions)}"
        raise OperationFailed(f"{key} {version}", "is not in the catalog", known, code=Exit.BAD_INPUT)
    return versions[version]
