"""The sandbox's Git host as one person sees it: repositories, pull requests, and where a commit comes from."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from operations.outcome import Exit, OperationFailed

Values = dict[str, Any]
OPERATOR = "operator"
ABSENT = 404


@dataclass(frozen=True)
class Origin:
    """Where a commit of a protected branch comes from, as addresses of people and builders."""

    pull: int
    authors: Sequence[str]
    approvers: Sequence[str]
    merged_by: str


@dataclass(frozen=True)
class Host:
    """The host at `endpoint`; `principal` is who asks."""

    endpoint: str
    principal: str

    def make(
        self, name: str, members: Mapping[str, Sequence[str]], protected: Sequence[str], checks: Mapping[str, str]
    ) -> bool:
        """Make a repository, or bring the rules of one that is there up to date; False for the latter."""
        operator, rules = Host(self.endpoint, OPERATOR), {"protected": protected, "checks": checks, **members}
        if operator.knows(name):
            operator.ask("PATCH", f"repositories/{name}", rules)
            return False
        operator.ask("POST", "repositories", {"name": name, **rules})
        return True

    def knows(self, name: str) -> bool:
        """Whether there is a repository of this name that one may read."""
        return name in {one["name"] for one in self.ask("GET", "repositories")["repositories"]}

    def push(self, folder: Path, commit: str, name: str, branch: str) -> None:
        """Bring a branch of a repository to a commit of a local folder. OperationFailed in the host's words."""
        done = subprocess.run(
            ["git", "-C", str(folder), "push", "--quiet", self._address(name), f"{commit}:refs/heads/{branch}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            told = [line.removeprefix("remote: ") for line in done.stderr.splitlines() if "sandbox" in line]
            text = told[0] if told else done.stderr.strip().splitlines()[-1]
            raise OperationFailed(f"{name} {branch}", text, "push as who may write it", code=Exit.REFUSED)

    def pulls(self, name: str) -> list[Values]:
        """Every pull request of a repository."""
        found: list[Values] = self.ask("GET", f"repositories/{name}/pulls")["pulls"]
        return found

    def origin(self, name: str, commit: str) -> Origin | None:
        """Who wrote, approved and merged a commit; None where no pull request brought it."""
        told = self._get(f"repositories/{name}/commits/{commit}")
        if told is None:
            return None
        authors, approvers = ([_address_of(one) for one in told[key]] for key in ("authors", "approvers"))
        return Origin(int(told["pull"]), authors, approvers, _address_of(told["merged_by"]))

    def ask(self, http: str, path: str, body: Values | None = None) -> Any:
        """What the host answers. OperationFailed where it says no."""
        answer = self._send(http, path, body)
        if not answer.ok:
            text = answer.json()["error"]["message"].replace(": ", " ", 1)
            code = Exit.BAD_INPUT if answer.status_code == ABSENT else Exit.REFUSED
            raise OperationFailed("Git host", text, "see 'blueprint pull list'", code=code)
        return answer.json()

    def _get(self, path: str) -> Values | None:
        answer = self._send("GET", path, None)
        return None if answer.status_code == ABSENT else self.ask("GET", path)

    def _send(self, http: str, path: str, body: Values | None) -> Any:
        import requests

        headers = {"Authorization": f"Bearer sandbox:{self.principal}"}
        return requests.request(http, f"{self.endpoint}/git/api/{path}", json=body, headers=headers, timeout=60)

    def _address(self, name: str) -> str:
        place = urlsplit(self.endpoint).netloc
        return f"http://sandbox:{quote(f'sandbox:{self.principal}', safe='')}@{place}/git/{name}.git"


def _address_of(principal: str) -> str:
    return (principal.partition(":")[2] or principal).lower()
