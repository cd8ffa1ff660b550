"""Volumes: folders beside the workspace that outlive the steps that mount them."""

import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sandbox.builds.step import WORKSPACE
from sandbox.errors import SandboxError


class Volumes:
    """The volumes of one build. Without containers a volume appears in the workspace: its path must lie below it."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._folders: dict[str, Path] = {}
        self._users: dict[Path, int] = {}
        self._turn = threading.Lock()

    @contextmanager
    def mounted(self, volumes: Sequence[Mapping[str, Any]]) -> Iterator[None]:
        """Show these volumes at their paths until the block ends; SandboxError for a path that cannot be had here."""
        with ExitStack() as stack:
            for volume in volumes:
                stack.enter_context(self._shown(str(volume["name"]), Path(str(volume["path"]))))
            yield

    @contextmanager
    def _shown(self, name: str, path: Path) -> Iterator[None]:
        if not path.is_relative_to(WORKSPACE) or ".." in path.parts or path == WORKSPACE:
            raise SandboxError(f"volumes.{name}: {path} cannot be mounted here; choose a path below {WORKSPACE}")
        place = self._workspace / path.relative_to(WORKSPACE)
        with self._turn:
            if name not in self._folders:
                self._folders[name] = Path(tempfile.mkdtemp(prefix=f"volume-{name}-"))
            if not self._users.get(place):
                if place.exists():
                    raise SandboxError(f"volumes.{name}: {path} exists already; choose another path")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(self._folders[name], target_is_directory=True)
            self._users[place] = self._users.get(place, 0) + 1
        try:
            yield
        finally:
            with self._turn:
                self._users[place] -= 1
                if not self._users[place]:
                    place.unlink(missing_ok=True)

    def close(self) -> None:
        """Forget them; they end with their build."""
        for folder in self._folders.values():
            shutil.rmtree(folder, ignore_errors=True)
