"""What a deploy would make, in outline: the project ids and the types of resources, from the synthesized stacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from operations.graph import Graph
from operations.synth import synth


@dataclass(frozen=True)
class Outline:
    """The projects of every stack, and what the caller makes in person: `types` of the stacks that no deployer applies.

    `types` None means that the stacks could not be synthesized: then every type has to be expected.
    """

    projects: tuple[str, ...] = ()
    types: frozenset[str] | None = None

    @property
    def known(self) -> bool:
        return self.types is not None

    def makes_any(self, types: Iterable[str]) -> bool:
        """True where the caller may make one of the types."""
        return self.types is None or bool(self.types & set(types))

    @classmethod
    def of(cls, graph: Graph) -> Outline:
        """The outline of synthesized stacks."""
        documents = [stack.document() for stack in graph.stacks.values()]
        projects = {
            project["project_id"]
            for document in documents
            for project in document.get("resource", {}).get("google_project", {}).values()
        }
        types = {
            type_ for document in documents if not _by_deployer(document) for type_ in document.get("resource", {})
        }
        return cls(tuple(sorted(projects)), frozenset(types))


def outline(settings: Path) -> Outline:
    """The outline of a settings folder, synthesized beside nobody's work. Raises what synth raises."""
    with TemporaryDirectory(prefix="doctor-") as folder:
        return Outline.of(synth(settings, Path(folder, "out")))


def _by_deployer(document: dict[str, Any]) -> bool:
    """True for a stack whose provider acts as another account; bootstrap makes those accounts and grants them roles."""
    providers = document.get("provider", {}).get("google", [])
    return any(provider.get("impersonate_service_account") for provider in providers)
