"""Whose consent a build lacks: asked of real repositories, as builds find them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from operations.builds.duties import authors
from operations.commits import ask as git
from operations.commits import known, resolved
from operations.outcome import Exit, OperationFailed

MILA, OTTO, ADA = (f"{name}@example.com" for name in ("mila", "otto", "ada"))


def wrote(repository: Path, who: str, message: str = "A change") -> str:
    """A commit of a person; which it is."""
    person = ("-c", f"user.name={who}", "-c", f"user.email={who.capitalize()}")
    git(repository, *person, "commit", "--quiet", "--allow-empty", "-m", message)
    return known(repository, "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", "origin")
    return tmp_path / "origin"


def checkout(repository: Path, at: str) -> Path:
    """The one commit, as Cloud Build checks it out."""
    folder = repository.parent / "workspace"
    git(repository, "init", "--quiet", str(folder))
    git(folder, "remote", "add", "origin", repository.as_uri())
    git(folder, "fetch", "--quiet", "--depth=1", "origin", at)
    git(folder, "checkout", "--quiet", "--detach", at)
    return folder


@pytest.mark.proves("G2b", defect="a checkout without history, in which only the merger wrote anything")
def test_of_a_shallow_checkout_the_history_is_asked_first(repository: Path) -> None:
    wrote(repository, ADA)
    git(repository, "switch", "--quiet", "--create", "branch")
    wrote(repository, OTTO)
    git(repository, "switch", "--quiet", "main")
    git(repository, "-c", "user.name=m", "-c", f"user.email={MILA}", "merge", "--quiet", "--no-ff", "branch")
    workspace = checkout(repository, known(repository, "HEAD"))
    assert git(workspace, "log", "--format=%ae").splitlines() == [MILA]
    assert authors(workspace, known(repository, "HEAD")) == {MILA, OTTO}


@pytest.mark.proves("G2b", defect="a checkout whose history cannot be had")
def test_nobody_is_asked_while_there_is_no_history(repository: Path) -> None:
    wrote(repository, ADA)
    at = wrote(repository, MILA)
    workspace = checkout(repository, at)
    git(workspace, "remote", "set-url", "origin", (repository / "gone").as_uri())
    with pytest.raises(OperationFailed, match="the history before it cannot be had") as raised:
        authors(workspace, at)
    assert raised.value.code == Exit.REFUSED


@pytest.mark.proves("G2b", "G4b", defect="an approver who wrote an older change that comes along")
def test_who_wrote_what_came_since_the_last_release_counts(repository: Path) -> None:
    first = wrote(repository, ADA)
    wrote(repository, OTTO)
    last = wrote(repository, MILA, f"B\n\nCo-authored-by: Bert <{ADA}>")
    assert authors(repository, last) == {MILA, ADA}
    assert authors(repository, last, first) == {MILA, ADA, OTTO}
    assert authors(repository, last, "") == {MILA, ADA, OTTO}
    assert authors(repository, last, "f" * 40) == {MILA, ADA, OTTO}, "a commit that is gone hides nobody"
    assert authors(repository, first, last) == {ADA}, "what was released before has its own authors still"


def test_a_folder_without_git_says_so(tmp_path: Path) -> None:
    with pytest.raises(OperationFailed, match="not a git repository"):
        authors(tmp_path, "main")
    assert known(tmp_path, "HEAD") == ""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert known(tmp_path, "HEAD") == ""


def test_a_whole_checkout_stays_whole_when_a_branch_is_fetched(repository: Path) -> None:
    wrote(repository, MILA)
    wrote(repository, OTTO)
    folder = repository.parent / "clone"
    git(repository, "clone", "--quiet", repository.as_uri(), str(folder))
    git(repository, "checkout", "--quiet", "-b", "other")
    newest = wrote(repository, ADA)
    assert resolved(folder, "origin/other") == newest
    assert git(folder, "rev-parse", "--is-shallow-repository") == "false"
