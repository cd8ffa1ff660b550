"""What the layers of the estate are composed from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cdktf import App

from groups.personas import Persona
from settings.loading import names_of
from settings.model import Installation
from settings.names import Names
from stacks.stack import Stack


@dataclass(frozen=True)
class Composition:
    """The app, and all that its stacks may be told. `folder` is the settings folder, for the example data in it."""

    app: App
    it: Installation
    folder: Path
    personas: dict[str, Persona]

    @cached_property
    def names(self) -> Names:
        """The names of the installation."""
        return names_of(self.it)

    @property
    def shared(self) -> dict[str, Any]:
        """What every stack is told."""
        return {"organization": self.it.organization, "names": self.names}

    @property
    def stacks(self) -> list[Stack]:
        """The stacks that there are so far."""
        return [child for child in self.app.node.children if isinstance(child, Stack)]

    def apis(self, *kinds: str) -> list[str]:
        """The APIs of a project of the given kinds."""
        return sorted({api for kind in ("all", *kinds) for api in self.it.apis[kind]})

    def find(self, name: str) -> Stack:
        """A stack by name."""
        found: Stack = self.app.node.find_child(name)
        return found
