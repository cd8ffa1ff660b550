"""Teams: what they refer to, what they share by mistake, and names that Google would not take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from settings.names import COMMON, Names
from settings.parts import ENVIRONMENTS, Parts
from settings.problems import InvalidSettings, Problem, suggestion


def team_problems(parts: Parts) -> Iterator[Problem]:
    """Every reference of a team that leads nowhere, and every repository that two would share."""
    repositories = Counter(team.repository for team in parts.teams.values())
    if parts.organization:
        own = parts.organization.repositories
        repositories.update((own.infrastructure, own.templates, own.containers))
    for key, team in parts.teams.items():
        place = parts.place(f"teams/{key}.yaml")
        for source in team.sources:
            if source not in parts.present["sources"]:
                way_out = suggestion(source, parts.present["sources"], "add the source")
                yield Problem(f"{place}.sources", f"no source '{source}'", way_out)
        for environment in ENVIRONMENTS:
            if environment not in team.budget:
                yield Problem(f"{place}.budget", f"has no amount for {environment}", "add one")
        if repositories[team.repository] > 1:
            yield Problem(f"{place}.repository", f"'{team.repository}' is used twice", "give each team its own")


def name_problems(parts: Parts) -> Iterator[Problem]:
    """Every team, source or project of which a name would be refused by Google."""
    kinds = {kind for kind in parts.apis or {} if not kind.startswith(("all", "source", "team"))}
    for key in sorted(parts.present["teams"] & kinds):
        text = f"'{key}' is the name of one of the platform's own projects"
        yield Problem(parts.place(f"teams/{key}.yaml"), text, "choose another name")
    if not parts.organization:
        return
    names = Names.of(parts.organization, {key: e.code for key, e in parts.environments.items()})
    for key in parts.present["teams"]:
        yield from _refused(parts.place(f"teams/{key}.yaml"), names, key, (*parts.environments, COMMON))
    for key in parts.present["sources"]:
        yield from _refused(parts.place(f"sources/{key}.yaml"), names, key, ("data",))
    for kind in kinds:
        yield from _refused(parts.place("organization.yaml.prefix"), names, kind, (*parts.environments, COMMON))


def _refused(place: str, names: Names, key: str, environments: tuple[str, ...]) -> Iterator[Problem]:
    try:
        for environment in environments:
            names.bucket(environment, key, "data")
        names.group("data_scientist", key)
        names.deployer(key)
        names.dataset(key)
    except InvalidSettings as error:
        yield from (Problem(place, f"{p.place} {p.text}", p.way_out) for p in error.problems)
