"""Code owners: whose consent a change in a repository needs, from what the personas write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast, get_args

from groups.personas import Persona, Repository, read
from operations.access.words import wrong
from settings.loading import names_of
from settings.loading import read as read_settings
from settings.model import Installation
from settings.problems import suggestion

REPOSITORIES = tuple(get_args(Repository))
HEAD = "# Made by `blueprint access owners {}`; change groups/*.yaml instead.\n"


def code_owners(it: Installation, personas: Mapping[str, Persona], repository: str, team: str | None = None) -> str:
    """The CODEOWNERS file of a repository; the later line wins, so `*` comes first. `team` for a team's own."""
    if repository not in REPOSITORIES:
        way_out = suggestion(repository, REPOSITORIES, f"repositories are {', '.join(REPOSITORIES)}")
        raise wrong(f"repository '{repository}'", "is not known", way_out)
    if repository == "team" and team not in it.teams:
        raise wrong(f"team '{team}'", "is not known", suggestion(str(team), it.teams, "name it with --team"))
    found: dict[str, list[str]] = {}
    for key, persona in personas.items():
        for path in persona.writes.get(cast(Repository, repository), []):
            for own in sorted(it.teams) if persona.per_team else [None]:
                if repository != "team" or own == team:
                    found.setdefault(path.format(team=own), []).append(_handle(it, key, own))
    words = repository if repository != "team" else f"team --team {team}"
    lines = [f"{path} {' '.join(sorted(owners))}\n" for path, owners in sorted(found.items())]
    return HEAD.format(words) + "".join(lines)


def owners_of(settings: Path, repository: str, team: str | None) -> str:
    """The CODEOWNERS file of a repository of the installation in a settings folder."""
    return code_owners(read_settings(settings), read(), repository, team)


def _handle(it: Installation, key: str, team: str | None) -> str:
    """A group's team at the repository host: its address without the beginning that marks groups."""
    local = names_of(it).group(key, team).partition("@")[0].removeprefix("grp-")
    return f"@{it.organization.repositories.provider.owner}/{local}"
