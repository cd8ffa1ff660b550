"""Personas and foundation groups: one file each, and what each may do, by place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter

from groups.rules import RULES
from settings.loading import parse, read_yaml
from settings.model import Model
from settings.problems import InvalidSettings, Problem

FOLDER = Path(__file__).parent
BASIC = ("roles/owner", "roles/editor", "roles/viewer")
OWN = "platform/"

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
]
Repository = Literal["infrastructure", "templates", "containers", "team"]


def _narrow(role: str) -> str:
    if role in BASIC:
        raise ValueError(f"'{role}' is a basic role; choose a narrower role")
    if not role.startswith(("roles/", OWN)):
        raise ValueError(f"'{role}' is not a role; write it as roles/service.name or {OWN}name")
    return role


Role = Annotated[str, AfterValidator(_narrow)]


class Lent(Model):
    """Roles that members may ask for and get for a time, once the `approver`, another persona, agrees."""

    place: Literal["seed"]
    roles: Annotated[list[Role], Field(min_length=1)]
    hours: Annotated[int, Field(ge=1, le=24)]
    approver: str


class Persona(Model):
    """A kind of person, who exist as one group or as one group per team.

    `grants` names the roles by place: the `organization`, the platform's `parent`, the `billing` account, the `common`
    folder, an environment, the `logging` or `monitoring` project, the `state` bucket. An environment is its folder, and
    for a persona of which every team has its own it is that team's project. `platform/NAME` is a role of groups/roles/.
    """

    title: str
    purpose: str
    per_team: bool = False
    grants: dict[Place, list[Role]] = Field({}, description="Roles by place; nothing is granted anywhere else.")
    approves: list[str] = Field([], description="Pipelines of cloudbuild/ whose builds wait for their consent.")
    writes: dict[Repository, list[str]] = Field({}, description="Paths by repository that belong to them.")
    denied: dict[Literal["interactive", "nonproduction", "production"], list[str]] = Field(
        {}, description="Denials of groups/denials.yaml by place."
    )
    lent: dict[str, Lent] = Field({}, description="What they may ask for, for a time.")


def grants(persona: Persona, place: str) -> tuple[str, ...]:
    """Roles of a persona in an environment or at another place, sorted; none where the file is silent."""
    return next((tuple(sorted(roles)) for key, roles in persona.grants.items() if key == place), ())


def with_full_roles(personas: Mapping[str, Persona], roles: Mapping[str, str]) -> dict[str, Persona]:
    """The personas with the full name of each role of the platform's own; `roles` maps its key to that name."""
    full = {f"{OWN}{key}": name for key, name in roles.items()}
    return {
        key: persona.model_copy(
            update={"grants": {place: [full.get(r, r) for r in held] for place, held in persona.grants.items()}}
        )
        for key, persona in personas.items()
    }


def approvers(personas: Mapping[str, Persona], places: Mapping[str, str]) -> dict[str, str]:
    """Who approves in each build project; `places` maps a pipeline to the project in which it runs."""
    found: dict[str, str] = {}
    for key, persona in personas.items():
        for pipeline in persona.approves:
            place = places.get(pipeline)
            if place is None or found.setdefault(place, key) != key:
                text, way_out = f"'{pipeline}' is no pipeline of its own project", "one persona approves in a project"
                raise InvalidSettings([Problem(f"groups/{key}.yaml.approves", text, way_out)])
    return found


def read(folder: Path = FOLDER) -> dict[str, Persona]:
    """Every persona by key, which is the name of its file. Raises InvalidSettings with every problem found."""
    adapter: TypeAdapter[Any] = TypeAdapter(Persona)
    found: dict[str, Persona] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.stem in RULES:
            continue
        place = f"{folder.name}/{path.name}"
        try:
            found[path.stem] = parse(adapter, read_yaml(path, place), place)
        except InvalidSettings as error:
            problems += error.problems
    if problems:
        raise InvalidSettings(problems)
    return found
