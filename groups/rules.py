"""What holds for all personas: roles of the platform's own, denials, limits, and whom nobody may be at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from settings.loading import parse, read_yaml
from settings.model import Model
from settings.problems import InvalidSettings, Problem
from settings.values import Text

FOLDER = Path(__file__).parent
RULES = ("capabilities", "denials", "exclusive", "limits", "questions", "workload_limits")
"""Files of this folder that are no personas."""


class Permissions(Model):
    """Permissions that serve one purpose."""

    why: Text
    names: Annotated[list[Text], Field(min_length=1)]


class CustomRole(Model):
    """A role of the platform's own, where Google's narrowest is too wide; every permission has a reason."""

    title: Text
    why: Text = Field(description="Why none of Google's roles will do.")
    permissions: Annotated[list[Permissions], Field(min_length=1)]

    @property
    def names(self) -> list[str]:
        """Its permissions, sorted."""
        return sorted({name for group in self.permissions for name in group.names})


class Denial(Model):
    """Permissions that are denied whatever is granted: to personas that name it, to all people, or to everybody."""

    title: Text
    why: Text
    people: list[str] = []
    everybody: list[str] = []
    permissions: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-z]+\.googleapis\.com/\w+\.\w+$")]], Field(min_length=1)
    ]


class Limit(Model):
    """The most that people may be granted at a place: these roles, and none that holds one of `never`."""

    roles: list[str]
    never: list[Text]


class Exclusive(Model):
    """Groups of which nobody is in two."""

    groups: Annotated[list[str], Field(min_length=2)]
    why: Text


class Rules(Model):
    """Everything that holds for all personas."""

    roles: dict[str, CustomRole]
    denials: dict[str, Denial]
    limits: dict[str, Limit]
    exclusive: list[Exclusive]


def read_rules(folder: Path = FOLDER) -> Rules:
    """The rules of a groups folder. Raises InvalidSettings with every problem found."""
    problems: list[Problem] = []

    def one(path: Path, model: Any, empty: Any) -> Any:
        place = f"{folder.name}/{path.relative_to(folder)}"
        try:
            return parse(TypeAdapter(model), read_yaml(path, place), place)
        except InvalidSettings as error:
            problems.extend(error.problems)
            return empty

    roles = {path.stem: one(path, CustomRole, None) for path in sorted((folder / "roles").glob("*.yaml"))}
    denials = one(folder / "denials.yaml", dict[str, Denial], {})
    limits = one(folder / "limits.yaml", dict[str, Limit], {})
    exclusive = one(folder / "exclusive.yaml", list[Exclusive], [])
    if problems:
        raise InvalidSettings(problems)
    return Rules(roles=roles, denials=denials, limits=limits, exclusive=exclusive)
