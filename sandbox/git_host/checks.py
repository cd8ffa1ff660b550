"""Checks: what builds report of a commit, and which of them a merge needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.git_host.repositories import GitRefused, Repositories
from sandbox.store import Store

Values = dict[str, Any]

STATES = ("pending", "success", "failure")
_KIND = "git:checks"


@dataclass(frozen=True)
class Checks:
    """The checks of all repositories; each repository names those that it requires, and who alone reports each."""

    repositories: Repositories

    def report(self, repository: str, commit: str, *, name: str, state: str, by: str) -> Values:
        """Note how a check stands at a commit; not even the operator may say it in the place of its reporter."""
        if self.reporter(repository, name) != by:
            raise GitRefused(403, f"{repository}: {by} does not report check '{name}'; its build does")
        if state not in STATES:
            raise GitRefused(400, f"{repository}: '{state}' is no state of a check; there are {', '.join(STATES)}")
        told = {"repository": repository, "commit": commit, "name": name, "state": state, "by": by}
        told |= {"time": datetime.now(UTC).isoformat()}
        self.repositories.store.documents.put(_KIND, f"{repository}/{commit}/{name}", told)
        return told

    def reporter(self, repository: str, name: str) -> str | None:
        """Who reports a required check; None where the repository requires none of this name."""
        found: dict[str, str] = self.repositories.get(repository).get("checks", {})
        return found.get(name)

    def of(self, repository: str, commit: str) -> dict[str, str]:
        """How each required check stands at a commit; `missing` where nobody has reported it there."""
        required, documents = self.repositories.get(repository).get("checks", {}), self.repositories.store.documents
        found = {name: documents.get(_KIND, f"{repository}/{commit}/{name}") for name in required}
        return {name: told["state"] if told else "missing" for name, told in found.items()}


def reporting(store: Store, build: Values) -> Callable[[str], None]:
    """Says at the commit that a trigger started the build for how it goes; silent where no check waits for that."""
    checks, source = Checks(Repositories(store)), (build.get("source") or {}).get("connectedRepository") or {}
    repository = str(source.get("repository", "")).rpartition("/")[2]
    name = str((build.get("substitutions") or {}).get("TRIGGER_NAME", ""))
    by = f"serviceAccount:{str(build.get('serviceAccount') or '').rpartition('/')[2]}"
    here = build.get("buildTriggerId") and repository in {one["name"] for one in checks.repositories.all()}

    def say(state: str) -> None:
        if here and checks.reporter(repository, name) == by:
            checks.report(repository, source["revision"], name=name, state=state, by=by)

    return say
