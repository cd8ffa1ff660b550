"""What a deploy would make, in outline: the project ids and the types of resources, from the synthesized stacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.graph import Graph
from operations.synth import synth


@dataclass(frozen=True)
class Outline:
    """`types` None means that the stacks could not be synthesized: then every type has to be expected."""

    projects: tuple[str, ...] = ()
    types: frozenset[str] | None = None

    @property
    def known(self) -> bool:
        return self.types is not None

    def makes_any(self, types: Iterable[str]) -> bool:
        """True where one of the types may be made."""
        return self.types is None or bool(self.types & set(types))

    @classmethod
    def of(cls, graph: Graph) -> Outline:
        """The outline of synthesized stacks."""
        made = [stack.document().get("resource", {}) for stack in graph.stacks.values()]
        projects = {p["project_id"] for resources in made for p in resources.get("google_project", {}).values()}
        return cls(tuple(sorted(projects)), frozenset(type_ for resources in made for type_ in resources))


def outline(settings: Path) -> Outline:
    """The outline of a settings folder, synthesized beside nobody's work. Raises what synth raises."""
    with TemporaryDirectory(prefix="doctor-") as folder:
        return Outline.of(synth(settings, Path(folder, "out")))
