"""Pull requests on the sandbox's Git host, and the builds that they start: what GitHub and its app do for Google."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cloudbuild.pipelines import Pipeline
from cloudbuild.pipelines import read as read_pipelines
from groups.personas import Persona, Repository
from groups.personas import read as read_personas
from operations.builds import events
from operations.builds.desk import Desk, sandbox_desk
from operations.builds.host import OPERATOR, Host
from operations.commits import ask
from operations.target import home_of
from sandbox import redirect
from settings.loading import names_of, read
from settings.model import Installation
from settings.names import COMMON
from settings.problems import InvalidSettings, Problem, suggestion

if TYPE_CHECKING:
    from google.cloud.devtools.cloudbuild_v1 import Build

Values = dict[str, Any]


@dataclass(frozen=True)
class Reviews:
    """The pull requests of one repository of an installation, for one person.

    `key` is what pipelines call the repository, `team` whose it is where each team has one.
    """

    it: Installation
    key: Repository
    team: str | None
    desk: Desk
    host: Host
    store: Path

    @property
    def name(self) -> str:
        """The repository's name at the host."""
        if self.key == "team":
            return str(self.it.teams[self.team or ""].repository)
        return str(getattr(self.it.organization.repositories, self.key))

    @property
    def branch(self) -> str:
        """The branch that a change goes to."""
        word = next(t.branch for _, p in self._pipelines() for t in p.triggers.values() if t.repository == self.key)
        return str(getattr(self.it.organization.repositories, word))

    def open(self, folder: Path, ref: str, title: str) -> tuple[Values, list[Build]]:
        """Push a branch of a local folder and ask for its merge; a second time, push what is new of it.

        The first time of all, the folder's own main branch becomes the repository.
        """
        commit = ask(folder, "rev-parse", "--verify", f"{ref}^{{commit}}")
        if self.host.make(self.name, self._members(), [self.branch], self._checks()):
            start = ask(folder, "merge-base", ref, self.it.organization.repositories.main_branch)
            Host(self.host.endpoint, OPERATOR).push(folder, start, self.name, self.branch)
        self.host.push(folder, commit, self.name, ref)
        known = [pull for pull in self.host.pulls(self.name) if (pull["source"], pull["state"]) == (ref, "OPEN")]
        asked = {"source": ref, "target": self.branch, "title": title}
        pull = known[0] if known else self.host.ask("POST", f"repositories/{self.name}/pulls", asked)
        return pull, self._tell("pull_request", ref, int(pull["number"]))

    def approve(self, number: int) -> Values:
        """Say yes to a pull request as it is now."""
        return cast(Values, self.host.ask("POST", f"repositories/{self.name}/pulls/{number}/approve"))

    def merge(self, number: int) -> tuple[Values, list[Build]]:
        """Merge an approved pull request."""
        pull = self.host.ask("POST", f"repositories/{self.name}/pulls/{number}/merge")
        return pull, self._tell("push", pull["merged"]["commit"], number)

    def _tell(self, kind: events.Kind, ref: str, number: int) -> list[Build]:
        """The builds of all pipelines that listen to what happened."""
        event, built = events.read(kind, self.store / f"{self.name}.git", ref, self.branch, {}, number), []
        for key, pipeline in self._pipelines():
            words = [word for word, trigger in pipeline.triggers.items() if trigger.repository == self.key]
            built += self.desk.tell(key, pipeline, words, event, team=self.team)
        return built

    def _pipelines(self) -> Iterator[tuple[str, Pipeline]]:
        for key, pipeline in read_pipelines().items():
            if any(trigger.repository == self.key for trigger in pipeline.triggers.values()):
                yield key, pipeline

    def _members(self) -> dict[str, list[str]]:
        """Who writes it, who approves its pipelines' builds, and the builders, who read."""
        personas, pipelines = read_personas(), dict(self._pipelines())
        writers = [m for key, p in personas.items() if self.key in p.writes for m in self._groups(key, p)]
        approvers = [m for key, p in personas.items() if set(p.approves) & set(pipelines) for m in self._groups(key, p)]
        return {"writers": writers, "approvers": approvers, "readers": list(self._builders())}

    def _checks(self) -> dict[str, str]:
        """What a merge waits for: the builds of the triggers that look at its pull requests, as their accounts."""
        places = sorted({pipeline.place for _, pipeline in self._pipelines()})
        found = [trigger for place in places for trigger in self.desk.checks(place, self.name)]
        return {one.name: f"serviceAccount:{one.service_account.rpartition('/')[2]}" for one in found}

    def _groups(self, key: str, persona: Persona) -> list[str]:
        names, teams = names_of(self.it), [self.team] if self.team else sorted(self.it.teams)
        return [f"group:{names.group(key, team)}" for team in (teams if persona.per_team else [None])]

    def _builders(self) -> Iterator[str]:
        names, teams = names_of(self.it), [self.team] if self.team else sorted(self.it.teams)
        found = {(p.place, t.builder) for _, p in self._pipelines() for t in p.triggers.values()}
        for place, builder in sorted(found):
            for role in [builder, *(f"{builder}-{team}" for team in teams)]:
                yield f"serviceAccount:{names.service_account(COMMON, place, role)}"


@contextmanager
def opened(
    settings: Path, root: Path, key: str, team: str | None, person: str | None, line: Callable[[str], None]
) -> Iterator[Reviews]:
    """The pull requests of a repository. InvalidSettings where something is misspelt."""
    it = read(settings)
    known = sorted({t.repository for p in read_pipelines().values() for t in p.triggers.values()})
    if key not in known:
        raise InvalidSettings([Problem(f"repository '{key}'", "is none", suggestion(key, known, ", ".join(known)))])
    if (key == "team") != (team in it.teams):
        way_out = f"name one with --team: {', '.join(it.teams)}" if key == "team" else "leave --team out"
        raise InvalidSettings([Problem(f"team '{team or ''}'", f"is none for '{key}'", way_out)])
    principal = f"user:{person}" if person else redirect.OPERATOR
    with sandbox_desk(root, settings, None, principal, line) as desk:
        host = Host(os.environ[redirect.ENDPOINT], principal)
        yield Reviews(it, key, team, desk, host, home_of("sandbox", root) / "git")
