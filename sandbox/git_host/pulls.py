"""Pull requests: opened by one person, approved by another, merged at a commit that is remembered with both."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.git_host.checks import Checks
from sandbox.git_host.repositories import GitRefused, Repositories, person

Values = dict[str, Any]

_KIND = "git:pulls"


@dataclass(frozen=True)
class Origin:
    """Where a commit of a protected branch comes from."""

    repository: str
    commit: str
    pull: int
    authors: list[str]
    """Who opened the pull request, and everybody who brought one of its commits to the host, told at its merge."""
    approvers: list[str]
    merged_by: str


@dataclass
class Pulls:
    """The pull requests of all repositories. `merged` is called after each merge with the pull request."""

    repositories: Repositories
    merged: list[Callable[[Values], None]] = field(default_factory=list)

    def open(self, repository: str, *, source: str, target: str, title: str, author: str) -> Values:
        """Ask for a branch to be merged into another."""
        self.repositories.require(repository, author, "writers")
        head = self._head(repository, source)
        self._head(repository, target)
        number = 1 + max((body["number"] for body in self._kept(repository)), default=0)
        body = {"repository": repository, "number": number, "title": title, "author": author, "state": "OPEN"}
        body |= {"source": source, "target": target, "head": head, "approvals": [], "opened": _now()}
        return self._put(body)

    def get(self, repository: str, number: int) -> Values:
        """A pull request as it is now: approvals and checks of an older head no longer count."""
        body = self.repositories.store.documents.get(_KIND, f"{repository}/{number:06}")
        if body is None:
            raise GitRefused(404, f"{repository}: no pull request {number}")
        return self._now(body)

    def all(self, repository: str) -> list[Values]:
        """Every pull request of a repository as it is now, by number."""
        return [self._now(body) for body in self._kept(repository)]

    def approve(self, repository: str, number: int, *, by: str) -> Values:
        """Approve the head; nobody approves what they wrote."""
        self.repositories.require(repository, by, "approvers")
        body = self._open(repository, number)
        if by in self.authors(body):
            raise GitRefused(403, f"{repository}: {by} wrote pull request {number}; somebody else must approve it")
        others = [line for line in body["approvals"] if line["by"] != by]
        return self._put(body | {"approvals": [*others, {"by": by, "commit": body["head"], "time": _now()}]})

    def close(self, repository: str, number: int, *, by: str) -> Values:
        """Give up a pull request."""
        self.repositories.require(repository, by, "writers")
        return self._put(self._open(repository, number) | {"state": "CLOSED"})

    def merge(self, repository: str, number: int, *, by: str) -> Values:
        """Merge the approved and checked head; the target moves only from where it was when this began."""
        rules = self.repositories.require(repository, by, "writers")
        body = self._open(repository, number)
        if len(body["approvals"]) < rules["approvals"]:
            have = len(body["approvals"])
            raise GitRefused(409, f"{repository}: pull request {number} has {have} of {rules['approvals']} approvals")
        if open_checks := [f"{name} is {state}" for name, state in body["checks"].items() if state != "success"]:
            told = f"pull request {number} is not checked at {body['head'][:12]}: {', '.join(open_checks)}"
            raise GitRefused(409, f"{repository}: {told}")
        git, base, head = self.repositories.git, self._head(repository, body["target"]), body["head"]
        tree = git(repository, "merge-tree", "--write-tree", base, head).splitlines()[0]
        message = f"Merge pull request {number}: {body['title']}"
        commit = git(repository, "commit-tree", tree, "-p", base, "-p", head, "-m", message, env=person(by))
        authors = self.authors(body)
        git(repository, "update-ref", f"refs/heads/{body['target']}", commit, base)
        merged = {"by": by, "commit": commit, "authors": authors, "time": _now()}
        done = self._put(body | {"state": "MERGED", "merged": merged})
        for listener in self.merged:
            listener(done)
        return done

    def authors(self, body: Values) -> list[str]:
        """Who opened an open pull request, and who was the first to push one of its commits, to whatever ref."""
        span = f"refs/heads/{body['target']}..{body['head']}"
        own = set(self.repositories.git(body["repository"], "rev-list", span).splitlines())
        first: dict[str, str] = {}
        for line in self.repositories.pushes(body["repository"]):
            for commit in (*line.get("brought", ()), line["commit"]):
                first.setdefault(commit, line["by"])
        return list(dict.fromkeys([body["author"], *(by for commit, by in first.items() if commit in own)]))

    def origin(self, repository: str, commit: str) -> Origin | None:
        """Who wrote, approved and merged the commit that a protected branch is at; None where no merge made it."""
        for body in self._kept(repository):
            if body["state"] == "MERGED" and body["merged"]["commit"] == commit:
                approvers = [line["by"] for line in body["approvals"]]
                authors, by = body["merged"]["authors"], body["merged"]["by"]
                return Origin(repository, commit, body["number"], authors, approvers, by)
        return None

    def _kept(self, repository: str) -> list[Values]:
        """The pull requests as they were last changed, which asks git for none of their heads."""
        self.repositories.get(repository)
        found = self.repositories.store.documents.find(_KIND)
        return [body for _, body in found if body["repository"] == repository]

    def _now(self, body: Values) -> Values:
        if body["state"] != "OPEN":
            return body
        head = self.repositories.head(body["repository"], body["source"])
        approvals = [line for line in body["approvals"] if line["commit"] == head]
        checks = Checks(self.repositories).of(body["repository"], head) if head else {}
        return body | {"head": head, "approvals": approvals, "checks": checks}

    def _open(self, repository: str, number: int) -> Values:
        body = self.get(repository, number)
        if body["state"] != "OPEN":
            raise GitRefused(409, f"{repository}: pull request {number} is {body['state'].lower()}")
        if body["head"] is None:
            raise GitRefused(409, f"{repository}: branch {body['source']} is gone")
        return body

    def _head(self, repository: str, branch: str) -> str:
        found = self.repositories.head(repository, branch)
        if found is None:
            raise GitRefused(404, f"{repository}: no branch {branch}")
        return found

    def _put(self, body: Values) -> Values:
        self.repositories.store.documents.put(_KIND, f"{body['repository']}/{body['number']:06}", body)
        return body


def _now() -> str:
    return datetime.now(UTC).isoformat()
