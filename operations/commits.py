"""Commits of a Git repository as builds need them too, whose checkout is shallow: what is missing is brought first."""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

from operations.outcome import Exit, OperationFailed
from operations.repository_login import login

LAST_COMMIT = "HEAD"


def resolved(folder: Path, name: str) -> str:
    """The commit that is called `name`, such as `origin/main`; empty outside of a repository for the last commit.

    OperationFailed where there is no such commit.
    """
    found = known(folder, name)
    if not found and "/" in name:
        remote, _, branch = name.partition("/")
        _fetch(folder, *(["--depth=1"] if _shallow(folder) else []), remote, branch)
        found = known(folder, "FETCH_HEAD")
    if not found and name != LAST_COMMIT:
        text = f"is no commit of the repository of {folder}"
        raise OperationFailed(name, text, "name one with --since", code=Exit.BAD_INPUT)
    return found


def changing(folder: Path, name: str, file: str) -> Iterator[str]:
    """The commits of the history of `name`, newest first, with which a file of the folder became another one.

    OperationFailed where `name` is no commit, or history cannot be had.
    """
    commit = resolved(folder, name)
    if not commit:
        text = f"is no commit: {folder} is in no repository"
        raise OperationFailed(name, text, "leave --since out", code=Exit.BAD_INPUT)
    with_history(folder, commit)
    yield from git(folder, "log", "--first-parent", "--format=%H", commit, "--", file).split()


def with_history(folder: Path, commit: str) -> None:
    """Bring the history of a commit to a shallow checkout. OperationFailed (a gate says no) where none comes."""
    if _shallow(folder):
        _fetch(folder, "--unshallow", "origin", commit)
    if _shallow(folder):
        text, way_out = "the history before it cannot be had", "fetch it: 'git fetch --unshallow'"
        raise OperationFailed(commit, text, way_out, code=Exit.REFUSED)


def _fetch(folder: Path, *words: str) -> None:
    """Bring what is missing from the host, as a build where this is one; whether it came is seen afterwards."""
    _output(folder, "fetch", "--quiet", *words, around=login(git(folder, "remote", "get-url", "origin")))


def _shallow(folder: Path) -> bool:
    return git(folder, "rev-parse", "--is-shallow-repository") == "true"


def head(folder: Path) -> str:
    """The commit that is checked out; `unknown` outside of a repository."""
    return known(folder, LAST_COMMIT) or "unknown"


def unpack(repository: Path, commit: str, folder: Path) -> None:
    """Put the files of a commit into a folder. OperationFailed where it is none, or leads out of the repository."""
    archive = _output(repository, "archive", resolved(repository, commit) or commit)
    if archive is None:
        raise OperationFailed(commit, f"is no commit of {repository}", "name one with --since", code=Exit.BAD_INPUT)
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        try:
            files.extractall(folder, filter="data")
        except tarfile.FilterError as error:
            text = f"holds '{error.tarinfo.name}', which leads out of the repository"
            raise OperationFailed(commit, text, "take the link out of it", code=Exit.BAD_INPUT) from None


def git(folder: Path, *words: str) -> str:
    """What Git says; nothing where it refuses, or is not there."""
    return (_output(folder, *words) or b"").decode().strip()


def ask(repository: Path, *words: str) -> str:
    """The same. OperationFailed in Git's own words where it refuses."""
    done = subprocess.run(["git", "-C", str(repository), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        told = done.stderr.strip().splitlines()[-1:] or ["git failed"]
        raise OperationFailed(str(repository), told[0], "name a ref of this repository", code=Exit.BAD_INPUT)
    return done.stdout.strip()


def known(folder: Path, name: str) -> str:
    """The commit that is called so; empty where there is none."""
    return git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")


def _output(folder: Path, *words: str, around: Mapping[str, str] = {}) -> bytes | None:
    try:
        done = subprocess.run(["git", *words], cwd=folder, env=os.environ | around, capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
