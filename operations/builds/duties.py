"""Nobody approves what they wrote: asked of Cloud Build, of the Git host and of Git, never of a flag."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from operations.builds.desk import Desk
from operations.builds.host import Host, Origin
from operations.commits import ask, known, with_history
from operations.outcome import Exit, OperationFailed
from sandbox import redirect

_COAUTHOR = re.compile(r"(?im)^co-authored-by:.*<([^>]+)>\s*$")


@dataclass(frozen=True)
class Consent:
    """Who wrote a change, who merged it where the host can tell, and who approved its build."""

    authors: tuple[str, ...]
    merger: str
    approver: str


def check(desk: Desk, place: str, build: str, repository: Path, commit: str) -> str:
    """Who approved the running build, having written nothing of the commit. OperationFailed (a gate says no) else."""
    return consent(desk, place, build, repository, commit).approver


def check_all(desk: Desk, place: str, build: str, repository: Path, commit: str) -> str:
    """The same of everything that the build brings in: what came since the last one of its trigger that ended well."""
    return consent(desk, place, build, repository, commit, since=desk.last(place, desk.build(place, build))).approver


def consent(desk: Desk, place: str, build: str, repository: Path, commit: str, *, since: str | None = None) -> Consent:
    """The same, with who wrote it; all that came after the commit `since`, which is empty for all that there ever was.

    Where the sandbox's Git host has the repository, the commit must have come by a pull request, and who opened it or
    pushed to it wrote it, whatever name the commits bear.
    """
    found = desk.build(place, build)
    approver = str(found.approval.result.approver_account)
    if not approver:
        raise OperationFailed(build, "has no approval on record", "start it by its trigger", code=Exit.REFUSED)
    link, everybody = found.source.connected_repository.repository, authors(repository, commit, since)
    if not everybody:
        raise OperationFailed(commit, "names no author", "commit it with an author", code=Exit.REFUSED)
    origin, host = origin_of(link, commit), _host(link)
    # Only the first commit of all came by no pull request; of it Git alone tells.
    older = [host.origin(link.rpartition("/")[2], one) for one in _merged(repository, commit, since)] if host else []
    everybody |= {address for one in (origin, *older) if one for address in one.authors}
    if approver.lower() in everybody:
        text = f"was approved by {approver}, who wrote the change"
        raise OperationFailed(commit, text, "ask another approver", code=Exit.REFUSED)
    return Consent(tuple(sorted(everybody)), origin.merged_by if origin else "", approver)


def origin_of(link: str, commit: str) -> Origin | None:
    """Who wrote, approved and merged a commit of a connected repository; None where only Git can tell.

    OperationFailed where the sandbox's host has the repository, and no pull request that brought the commit.
    """
    name, host = link.rpartition("/")[2], _host(link)
    found = host.origin(name, commit) if host else None
    if host and found is None:
        text = "came to its branch by no pull request"
        raise OperationFailed(f"{name} {commit[:12]}", text, "open one: 'blueprint pull open'", code=Exit.REFUSED)
    return found


def _host(link: str) -> Host | None:
    """The sandbox's Git host, where it has the repository."""
    name = link.rpartition("/")[2]
    if redirect.ENDPOINT not in os.environ or not name:
        return None
    host = Host(os.environ[redirect.ENDPOINT], os.environ[redirect.PRINCIPAL])
    return host if host.knows(name) else None


def authors(repository: Path, commit: str, since: str | None = None) -> set[str]:
    """Addresses of everybody who wrote something of a commit or, of a merge, of what it brings in.

    With `since`, of everybody who wrote something that the one holds and the other does not.
    """
    with_history(repository, commit)
    parents = ask(repository, "rev-list", "--parents", "-n1", commit).split()[1:]
    spans = [[f"{commit}^1..{commit}"] if len(parents) > 1 else ["-n1", commit]]
    spans += [] if since is None else [_span(repository, commit, since)]
    found: set[str] = set()
    for span in spans:
        told = ask(repository, "log", "--format=%ae%n%b", *span)
        plain = ask(repository, "log", "--format=%ae", *span).splitlines()
        found |= {address.lower() for address in (*plain, *_COAUTHOR.findall(told)) if address}
    return found


def _span(repository: Path, commit: str, since: str) -> list[str]:
    """What came after; everything, where the repository does not know of that commit any more."""
    return [commit, *([f"^{since}"] if since and known(repository, since) else [])]


def _merged(repository: Path, commit: str, since: str | None) -> list[str]:
    """The older commits of the branch itself that come along, newest first."""
    if since is None:
        return []
    return ask(repository, "rev-list", "--first-parent", *_span(repository, commit, since)).splitlines()[1:]
