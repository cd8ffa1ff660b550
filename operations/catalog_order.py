"""What somebody wants from the catalog, and who that is."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from settings.model import Installation
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import EnvironmentKey


@dataclass(frozen=True)
class Person:
    """Who orders: an address, and the group that the person is in. `team` is None for personas that serve all teams."""

    address: str
    persona: str
    team: str | None

    def __str__(self) -> str:
        return f"{self.persona}/{self.team}" if self.team else self.persona


def people(installation: Installation, persona: str, team: str | None) -> list[str]:
    """Who is in a group by the settings; empty where its members are kept elsewhere."""
    if team:
        return list(installation.teams[team].members.get(persona, [])) if team in installation.teams else []
    return list(installation.organization.members.get(persona, []))


@dataclass(frozen=True)
class Order:
    """What somebody wants. `version` None is the newest on offer."""

    template: str
    team: str
    person: Person
    choices: Mapping[str, Any]
    environment: EnvironmentKey = "interactive"
    version: str | None = None


def order_of(installation: Installation, key: str, choices: Mapping[str, Any], **who: Any) -> Order:
    """The order of a person, from what was typed. InvalidSettings where that means nobody."""
    persona, _, team = (who.get("persona") or f"data_scientist/{who['team']}").partition("/")
    problems = []
    if team and team not in installation.teams:
        problems.append(
            Problem(f"team '{team}'", "does not exist", suggestion(team, installation.teams, "see settings/teams"))
        )
    if who["environment"] not in installation.environments:
        known = ", ".join(installation.environments)
        problems.append(Problem(f"environment '{who['environment']}'", "does not exist", f"there are {known}"))
    if problems:
        raise InvalidSettings(problems)
    members = people(installation, persona, team or None)
    address = who.get("by") or next(iter(members), f"{getpass.getuser()}@{installation.organization.domain}")
    person = Person(address, persona, team or None)
    return Order(key, who["team"], person, choices, who["environment"], who.get("version"))
