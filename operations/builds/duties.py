"""Nobody approves what they wrote: asked of Cloud Build and of Git, never of a flag."""

from __future__ import annotations

import re
from pathlib import Path

from operations.builds.desk import Desk
from operations.builds.events import git
from operations.outcome import Exit, OperationFailed

_COAUTHOR = re.compile(r"(?im)^co-authored-by:.*<([^>]+)>\s*$")


def check(desk: Desk, place: str, build: str, repository: Path, commit: str) -> str:
    """Who approved the running build, having written nothing of the commit. OperationFailed (a gate says no) else."""
    approver = desk.approver(place, build)
    if not approver:
        raise OperationFailed(build, "has no approval on record", "start it by its trigger", code=Exit.REFUSED)
    if approver.lower() in (writers := authors(repository, commit)):
        text = f"was approved by {approver}, who wrote the change"
        raise OperationFailed(commit, text, "ask another approver", code=Exit.REFUSED)
    if not writers:
        raise OperationFailed(commit, "names no author", "commit it with an author", code=Exit.REFUSED)
    return approver


def authors(repository: Path, commit: str) -> set[str]:
    """Addresses of everybody who wrote something of a commit or, of a merge, of what it brings in."""
    parents = git(repository, "rev-list", "--parents", "-n1", commit).split()[1:]
    span = [f"{commit}^1..{commit}"] if len(parents) > 1 else ["-n1", commit]
    told = git(repository, "log", "--format=%ae%n%b", *span)
    plain = git(repository, "log", "--format=%ae", *span).splitlines()
    return {address.lower() for address in (*plain, *_COAUTHOR.findall(told)) if address}
