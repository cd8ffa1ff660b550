"""Personas and foundation groups: one file each, and what each may do, by place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter

from settings.loading import parse, read_yaml
from settings.model import Model
from settings.problems import InvalidSettings, Problem

FOLDER = Path(__file__).parent
BASIC = ("roles/owner", "roles/editor", "roles/viewer")

Place = Literal[
    "organization",
    "parent",
    "billing",
    "common",
    "interactive",
    "nonproduction",
    "production",
    "logging",
    "monitoring",
    "state",
    "deployers",
]


def _narrow(role: str) -> str:
    if role in BASIC:
        raise ValueError(f"'{role}' is a basic role; choose a narrower role")
    if not role.startswith("roles/"):
        raise ValueError(f"'{role}' is not a predefined role; write it as roles/service.name")
    return role


Role = Annotated[str, AfterValidator(_narrow)]


class Persona(Model):
    """A kind of person, who exist as one group or as one group per team.

    `grants` names the roles by place: the `organization`, the platform's `parent`, the `billing` account, the `common`
    folder, an environment, the `logging` or `monitoring` project, the `state` bucket, the `deployers`. An environment
    is its folder, and for a persona of which every team has its own it is that team's project.
    """

    title: str
    purpose: str
    per_team: bool = False
    grants: dict[Place, list[Role]] = Field({}, description="Roles by place; nothing is granted anywhere else.")


def grants(persona: Persona, place: str) -> tuple[str, ...]:
    """Roles of a persona in an environment or at another place, sorted; none where the file is silent."""
    return next((tuple(sorted(roles)) for key, roles in persona.grants.items() if key == place), ())


def read(folder: Path = FOLDER) -> dict[str, Persona]:
    """Every persona by key, which is the name of its file. Raises InvalidSettings with every problem found."""
    adapter: TypeAdapter[Any] = TypeAdapter(Persona)
    found: dict[str, Persona] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        place = f"{folder.name}/{path.name}"
        try:
            found[path.stem] = parse(adapter, read_yaml(path, place), place)
        except InvalidSettings as error:
            problems += error.problems
    if problems:
        raise InvalidSettings(problems)
    return found
