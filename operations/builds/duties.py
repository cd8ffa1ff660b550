"""Nobody approves what they wrote: asked of Cloud Build, of the Git host and of Git, never of a flag."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from operations.builds.desk import Desk
from operations.builds.events import git
from operations.builds.host import Host, Origin
from operations.outcome import Exit, OperationFailed
from sandbox import redirect

_COAUTHOR = re.compile(r"(?im)^co-authored-by:.*<([^>]+)>\s*$")


@dataclass(frozen=True)
class Consent:
    """Who wrote a change, and who approved it."""

    authors: tuple[str, ...]
    approver: str


def check(desk: Desk, place: str, build: str, repository: Path, commit: str) -> str:
    """Who approved the running build, having written nothing of the commit. OperationFailed (a gate says no) else."""
    return consent(desk, place, build, repository, commit).approver


def consent(desk: Desk, place: str, build: str, repository: Path, commit: str) -> Consent:
    """The same, with who wrote it.

    Where the sandbox's Git host has the repository, the commit must have come by a pull request, and who opened it or
    pushed to it wrote it, whatever name the commits bear.
    """
    found = desk.build(place, build)
    approver = str(found.approval.result.approver_account)
    if not approver:
        raise OperationFailed(build, "has no approval on record", "start it by its trigger", code=Exit.REFUSED)
    writers, origin = authors(repository, commit), origin_of(found.source.connected_repository.repository, commit)
    everybody = writers.union(origin.authors if origin else ())
    if approver.lower() in everybody:
        text = f"was approved by {approver}, who wrote the change"
        raise OperationFailed(commit, text, "ask another approver", code=Exit.REFUSED)
    if not writers:
        raise OperationFailed(commit, "names no author", "commit it with an author", code=Exit.REFUSED)
    return Consent(tuple(sorted(everybody)), approver)


def origin_of(link: str, commit: str) -> Origin | None:
    """Who wrote, approved and merged a commit of a connected repository; None where only Git can tell.

    OperationFailed where the sandbox's host has the repository, and no pull request that brought the commit.
    """
    name = link.rpartition("/")[2]
    if redirect.ENDPOINT not in os.environ or not name:
        return None
    host = Host(os.environ[redirect.ENDPOINT], os.environ[redirect.PRINCIPAL])
    if not host.knows(name):
        return None
    found = host.origin(name, commit)
    if found is None:
        text = "came to its branch by no pull request"
        raise OperationFailed(f"{name} {commit[:12]}", text, "open one: 'blueprint pull open'", code=Exit.REFUSED)
    return found


def authors(repository: Path, commit: str) -> set[str]:
    """Addresses of everybody who wrote something of a commit or, of a merge, of what it brings in."""
    parents = git(repository, "rev-list", "--parents", "-n1", commit).split()[1:]
    span = [f"{commit}^1..{commit}"] if len(parents) > 1 else ["-n1", commit]
    told = git(repository, "log", "--format=%ae%n%b", *span)
    plain = git(repository, "log", "--format=%ae", *span).splitlines()
    return {address.lower() for address in (*plain, *_COAUTHOR.findall(told)) if address}
