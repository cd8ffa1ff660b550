"""Contradictions between the files of this room, and between them and the people in the settings; all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from groups.personas import OWN, Persona
from groups.rules import Rules
from settings.loading import names_of
from settings.model import Installation
from settings.problems import Problem, suggestion


def group_problems(personas: Mapping[str, Persona], rules: Rules) -> Iterator[Problem]:
    """Every name that leads nowhere, and every grant beyond the limits."""
    for key, persona in personas.items():
        place = f"groups/{key}.yaml"
        for where, held in persona.grants.items():
            yield from _within(f"{place}.{where}", where, held, rules)
        for word, lent in persona.lent.items():
            yield from _within(f"{place}.lent.{word}", lent.place, lent.roles, rules)
            yield from _known(f"{place}.lent.{word}", "persona", [lent.approver], personas)
            if lent.approver == key:
                yield Problem(f"{place}.lent.{word}", "would approve its own requests", "name another approver")
        for where, denied in persona.denied.items():
            yield from _known(f"{place}.denied.{where}", "denial", denied, rules.denials)
    for line in rules.exclusive:
        yield from _known("groups/exclusive.yaml", "persona", line.groups, personas)


def _within(place: str, where: str, roles: Iterable[str], rules: Rules) -> Iterator[Problem]:
    limit = rules.limits.get(where)
    for role in roles:
        if role.startswith(OWN) and role.removeprefix(OWN) not in rules.roles:
            yield from _known(place, "role", [role], {f"{OWN}{name}" for name in rules.roles})
        elif limit is None or role not in limit.roles:
            yield Problem(place, f"'{role}' exceeds groups/limits.yaml", "choose a narrower role, or raise the limit")


def _known(place: str, kind: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield Problem(place, f"no {kind} '{name}'", suggestion(name, known, f"add the {kind}"))


def member_problems(
    personas: Mapping[str, Persona], rules: Rules, it: Installation, settings: str
) -> Iterator[Problem]:
    """Every person in groups that exclude each other, every group that is a member of itself, every unknown group.

    `settings` is how the folder of the installation is called.
    """
    names = names_of(it)
    own = {names.group(k, team) for k, p in personas.items() for team in (it.teams if p.per_team else [None])}
    where: dict[str, dict[str, str]] = {}
    for place, team, key, emails in _members(it, settings):
        persona = personas.get(key)
        if persona is None or persona.per_team != bool(team):
            fitting = [k for k, p in personas.items() if p.per_team == bool(team)]
            yield Problem(place, f"no group '{key}'", suggestion(key, fitting, f"write one of {', '.join(fitting)}"))
            continue
        for email in emails:
            if email in own:
                yield Problem(
                    place, f"'{email}' is a group of the platform", "list people, groups grant what they hold"
                )
            where.setdefault(email, {}).setdefault(key, place)
    for email, groups in where.items():
        for line in rules.exclusive:
            if len(both := [key for key in line.groups if key in groups]) > 1:
                text = f"'{email}' is in {' and '.join(both)} ({line.why})"
                yield Problem(groups[both[-1]], text, "remove it from one of them")


def _members(it: Installation, settings: str) -> Iterator[tuple[str, str | None, str, list[str]]]:
    for key, emails in it.organization.members.items():
        yield f"{settings}/organization.yaml.members.{key}", None, key, emails
    for team, entry in it.teams.items():
        for key, emails in entry.members.items():
            yield f"{settings}/teams/{team}.yaml.members.{key}", team, key, emails
