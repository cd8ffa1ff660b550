"""Where stand-ins keep what Google's services would keep: JSON files that are whole, and locks between processes."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.artifacts import Report, write_json
from pipelines.place import Place


class Ledger:
    """The documents of one kind of resource of one project."""

    def __init__(self, place: Place, kind: str) -> None:
        assert place.laptop
        self.folder = Path(place.laptop.folder) / "services" / place.project / kind

    def get(self, name: str) -> Report | None:
        """The document of that name."""
        path = self.folder / f"{name}.json"
        found: Report | None = json.loads(path.read_text()) if path.exists() else None
        return found

    def put(self, name: str, document: Report) -> None:
        """Keep a document, in place of the one of that name."""
        write_json(self.folder / f"{name}.json", document)

    def names(self) -> list[str]:
        """What is kept, in order."""
        return sorted(path.stem for path in self.folder.glob("*.json") if not path.name.startswith("."))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
