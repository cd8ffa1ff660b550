"""Repositories: bare ones on disk, and in the store who may read, write and approve."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.iam import Policies
from sandbox.iam.principals import matches
from sandbox.store import Store

Values = dict[str, Any]

OPERATOR = "operator"
_KIND, _PUSHES = "git:repositories", "git:pushes"
_RIGHTS = ("readers", "writers", "approvers")
_HOOKS = [Path(__file__).with_name(name) for name in ("pre-receive", "post-receive")]


class GitRefused(SandboxError):  # noqa: N818
    """The host says no: HTTP status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Repositories:
    """The repositories of a sandbox."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.folder = (store.path.parent / "git").absolute()

    def create(
        self,
        name: str,
        *,
        readers: Sequence[str] = (),
        writers: Sequence[str] = (),
        approvers: Sequence[str] = (),
        protected: Sequence[str] = ("main",),
        approvals: int = 1,
        checks: Mapping[str, str] | None = None,
    ) -> Values:
        """A new, empty repository; members are principals such as `group:ml@example.com`.

        `approvals` and `checks` hold for each merge, to whatever branch; each check names who reports it.
        """
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", name):
            raise GitRefused(400, f"{name!r}: no name for a repository; use small letters, digits and dashes")
        body: Values = {"readers": list(readers), "writers": list(writers), "approvers": list(approvers), "name": name}
        body |= {"protected": list(protected), "approvals": approvals, "checks": dict(checks or {})}
        if not self.store.documents.create(_KIND, name, body):
            raise GitRefused(409, f"{name}: exists already")
        first = protected[0] if protected else "main"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._run(["git", "init", "--quiet", "--bare", f"--initial-branch={first}", str(self.path(name))])
        self.git(name, "config", "http.receivepack", "true")
        for written in _HOOKS:
            hook = self.path(name) / "hooks" / written.name
            hook.write_text(written.read_text())
            hook.chmod(0o755)
        return body

    def get(self, name: str) -> Values:
        """A repository; 404 where there is none."""
        found = self.store.documents.get(_KIND, name)
        if found is None:
            raise GitRefused(404, f"{name}: no such repository")
        return found

    def all(self) -> list[Values]:
        """Every repository, by name."""
        return [body for _, body in self.store.documents.find(_KIND)]

    def change(self, name: str, changes: Values) -> Values:
        """Other members, protected branches or checks from now on."""
        allowed = {*_RIGHTS, "protected", "approvals", "checks"}
        if unknown := set(changes) - allowed:
            raise GitRefused(
                400, f"{name}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(allowed))}"
            )
        body = self.get(name) | changes
        self.store.documents.put(_KIND, name, body)
        return body

    def require(self, name: str, principal: str, right: str) -> Values:
        """The repository, where the principal has the right (`readers`, `writers`, `approvers`); else 403."""
        body = self.get(name)
        if principal != OPERATOR and (principal, right) != (reader(name), "readers"):
            identities = Policies.of(self.store).groups.identities(principal)
            enough = _RIGHTS if right == "readers" else ("writers",) if right == "writers" else ("approvers",)
            members = [member for one in enough for member in body[one]]
            if not any(matches(member, identities) for member in members):
                raise GitRefused(403, f"{name}: {principal} is not among its {right}")
        return body

    def path(self, name: str) -> Path:
        """The bare repository on disk."""
        return self.folder / f"{name}.git"

    def git(self, name: str, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        """What a git command says in the repository."""
        return self._run(["git", "-C", str(self.path(name)), *words], stdin, env)

    def head(self, name: str, branch: str) -> str | None:
        """The commit that a branch is at."""
        try:
            return self.git(name, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}")
        except GitRefused:
            return None

    def seed(self, name: str, files: Mapping[str, str], *, author: str, branch: str = "main") -> str:
        """The first commit of an empty repository, made by the host; returns the commit."""
        if self.head(name, branch):
            raise GitRefused(409, f"{name}: {branch} exists; change it by a pull request")
        index = {"GIT_INDEX_FILE": str(self.path(name) / "seed-index")}
        for path, text in files.items():
            blob = self.git(name, "hash-object", "-w", "--stdin", stdin=text)
            self.git(name, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)
        tree = self.git(name, "write-tree", env=index)
        Path(index["GIT_INDEX_FILE"]).unlink(missing_ok=True)
        commit = self.git(name, "commit-tree", tree, "-m", "First commit", env=person(author))
        self.git(name, "update-ref", f"refs/heads/{branch}", commit, "0" * 40)
        self.remember(name, branch, commit, author)
        return commit

    def remember(self, name: str, branch: str, commit: str, principal: str, brought: Sequence[str] = ()) -> None:
        """Note who brought a branch, or another ref, to a commit, and which commits the host got to know by it."""
        told = {"repository": name, "branch": branch, "commit": commit, "by": principal, "brought": list(brought)}
        moment = datetime.now(UTC).isoformat()
        self.store.documents.put(_PUSHES, f"{name}/{branch}/{moment}", told | {"time": moment})

    def pushes(self, name: str) -> list[Values]:
        """Who brought which branch to which commit, oldest first."""
        found = [body for _, body in self.store.documents.find(_PUSHES) if body["repository"] == name]
        return sorted(found, key=lambda body: str(body["time"]))

    def _run(self, words: list[str], stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        around = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            **(env or {}),
        }
        done = subprocess.run(words, input=stdin, env=around, capture_output=True, text=True, check=False)
        if done.returncode:
            raise GitRefused(409, f"{words[-1]}: git says: {(done.stderr or done.stdout).strip()}")
        return done.stdout.strip()


def reader(name: str) -> str:
    """Who reads one repository and may do nothing else: whoever has a read token of Cloud Build's."""
    return f"principal://repositories/{name}"


def person(principal: str) -> dict[str, str]:
    """A principal as author and committer."""
    name = principal.partition(":")[2] or principal
    email = name if "@" in name else f"{name}@sandbox.invalid"
    return {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": email,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": email,
    }
