"""Access by question: who may do what where, asked of the synthesized stacks, and what decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from groups.personas import read
from groups.rules import Rules, read_rules
from operations.access.barriers import Barriers
from operations.access.origins import origin
from operations.access.plan import resources
from operations.access.words import Words
from operations.graph import Graph
from operations.outcome import Exit
from operations.synth import synth
from sandbox.iam import Answer, Decision, Held, Policies, decide
from sandbox.iam.perimeters import Perimeters
from settings.loading import names_of
from settings.loading import read as read_settings
from settings.model import Installation
from settings.names import COMMON

CODES = {Answer.YES: Exit.DONE, Answer.NO: Exit.REFUSED, Answer.UNKNOWN: Exit.INCONCLUSIVE}


@dataclass(frozen=True)
class Told:
    """An answer with its question, what decided it and where that is written."""

    who: str
    permission: str
    where: str
    decision: Decision
    origin: str | None

    @property
    def code(self) -> Exit:
        """The exit code that says the answer."""
        return CODES[self.decision.answer]

    def lines(self) -> list[str]:
        """The answer for people."""
        said = f"{self.decision.answer.value}: {self.who} - {self.permission} - {self.where}"
        return [said, f"  {self.decision.why}", *([f"  written in {self.origin}"] if self.origin else [])]

    def as_dict(self) -> dict[str, Any]:
        """The answer for machines."""
        return {
            "who": self.who,
            "permission": self.permission,
            "where": self.where,
            "answer": self.decision.answer.value,
            "why": self.decision.why,
            "by": list(self.decision.by),
            "written_in": self.origin,
        }


@dataclass(frozen=True)
class Access:
    """An estate that can be asked: its resources, and the words of its installation."""

    held: list[Held]
    words: Words
    rules: Rules

    @classmethod
    def of(cls, it: Installation, held: Iterable[Held], folders: Mapping[str, str] | None = None) -> Access:
        """The access of an installation by its resources; `folders` by place, where they are not those of the plan."""
        names = names_of(it)
        planned = {key: f"folders/{names.folder(key)}" for key in (COMMON, *it.environments)}
        return cls(list(held), Words(it, names, read(), folders or planned), read_rules())

    @cached_property
    def policies(self) -> Policies:
        """What the resources say about access."""
        return Policies(self.held)

    @cached_property
    def barriers(self) -> Barriers:
        """What holds beside IAM."""
        return Barriers.of(self.held, self.policies.places)

    @cached_property
    def perimeters(self) -> Perimeters:
        """The perimeters that calls have to pass."""
        return Perimeters.of(self.held, self.policies.permissions, lambda name: name.removeprefix("number-of-"))

    def can(self, who: str, permission: str, where: str, origin_word: str | None = None) -> Told:
        """Whether somebody may use a permission at a place. Raises InvalidSettings for words that lead nowhere.

        With an origin - `internet`, `workplace` or a project - the perimeters on the way are asked too.
        """
        principal, resource = self.words.who(who, where), self.words.where(where)
        self.words.permission(permission)
        found = decide(self.policies, principal, permission, resource)
        if found.allowed:
            found = self.barriers.stopping(permission, resource) or found
        if found.allowed and origin_word:
            found = self._passing(found, principal, permission, resource, self.words.origin(origin_word))
        return Told(who, permission, where, found, origin(found, self.held, self.words, self.rules))

    def _passing(self, found: Decision, principal: str, permission: str, resource: str, source: str) -> Decision:
        places, identities = self.policies.places, self.policies.groups.identities(principal)
        refusal = self.perimeters.refusal(identities, permission, places.plain(resource), source, places)
        if refusal is None:
            return found
        if refusal.dry_run:
            return replace(found, why=f"{found.why}; {refusal}")
        answer = Answer.NO if refusal.known else Answer.UNKNOWN
        return Decision(answer, str(refusal), (refusal.address,), "perimeter")

    def who(self, permission: str, where: str) -> list[Told]:
        """The answer for every persona and every identity that holds anything there; the sure no is left out."""
        resource = self.words.where(where)
        policies = self.policies
        above = policies.places.above(policies.places.plain(resource))
        members = {grant.member for place in above for grant in policies.grants.get(place, ())}
        told = [self.can(member, permission, where) for member in sorted(members) if "<" not in member]
        return [one for one in told if one.decision.answer is not Answer.NO]


def access_of(settings: Path, out: Path) -> Access:
    """The access of the synthesized stacks of a settings folder."""
    return Access.of(read_settings(settings), resources(synth(settings, out)))


def access_of_graph(it: Installation, graph: Graph) -> Access:
    """The access of stacks that are synthesized already."""
    return Access.of(it, resources(graph))
