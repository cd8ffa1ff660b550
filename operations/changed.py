"""Which stacks a change of the code or the settings is about: both commits are synthesized and compared."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from operations.commits import unpack
from operations.graph import Graph
from operations.synth import synth


def since(graph: Graph, settings: Path, repository: Path, commit: str) -> Graph:
    """The stacks that are not what they were at a commit of the repository, such as `origin/main`, in order.

    A change that is about none, such as one of a policy, is about all of them.
    """
    with TemporaryDirectory(prefix="since-") as folder:
        code = Path(folder) / "code"
        unpack(repository, commit, code)
        inside = settings.absolute().relative_to(repository) if settings.absolute().is_relative_to(repository) else None
        before = synth(code / inside if inside else settings, Path(folder) / "out", code=code)
        was = {name: stack.file.read_bytes() for name, stack in before.stacks.items()}
    found = {name: s for name, s in graph.stacks.items() if s.file.read_bytes() != was.get(name)}
    return Graph.ordered(found or graph.stacks)
