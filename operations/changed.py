"""Which stacks a change of the code or the settings is about: both commits are synthesized and compared."""

from __future__ import annotations

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.graph import Graph
from operations.outcome import Exit, OperationFailed
from operations.synth import synth


def since(graph: Graph, settings: Path, repository: Path, commit: str) -> Graph:
    """The stacks that are not what they were at a commit of the repository, such as `origin/main`, in order.

    A change that is about none, such as one of a policy, is about all of them.
    """
    with TemporaryDirectory(prefix="since-") as folder:
        code = Path(folder) / "code"
        _unpack(repository, commit, code)
        inside = settings.absolute().relative_to(repository) if settings.absolute().is_relative_to(repository) else None
        before = synth(code / inside if inside else settings, Path(folder) / "out", code=code)
        was = {name: stack.file.read_bytes() for name, stack in before.stacks.items()}
    found = {name: s for name, s in graph.stacks.items() if s.file.read_bytes() != was.get(name)}
    return Graph.ordered(found or graph.stacks)


def _unpack(repository: Path, commit: str, folder: Path) -> None:
    archive = _git(repository, "archive", commit)
    if archive is None and "/" in commit:
        # A build's checkout is shallow: the other branch has to be brought first.
        remote, _, branch = commit.partition("/")
        _git(repository, "fetch", "--depth=1", remote, branch)
        archive = _git(repository, "archive", "FETCH_HEAD")
    if archive is None:
        raise OperationFailed(commit, f"is no commit of {repository}", "name one with --since", code=Exit.BAD_INPUT)
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")


def _git(repository: Path, *words: str) -> bytes | None:
    done = subprocess.run(["git", "-C", str(repository), *words], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None
