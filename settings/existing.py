"""What an installation finds instead of making: folders, projects, networks and keys that are there already."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.values import EnvironmentKey, Model, NumericId, Text, id_of


class Adopted(Model):
    """Something that exists already: brought under management (`import`) or only pointed at (`reference`)."""

    id: Text = Field(description="Its id at Google.")
    adopt: Literal["import", "reference"] = Field(
        "reference", description="Manage it from now on, or only point at it."
    )


AdoptedFolder = Annotated[Adopted, AfterValidator(id_of(r"(folders/)?[0-9]{6,19}", "folders/345678901234"))]
AdoptedProject = Annotated[Adopted, AfterValidator(id_of(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", "acme-logging"))]
AdoptedNetwork = Annotated[
    Adopted, AfterValidator(id_of(r"projects/[a-z0-9-]+/global/networks/[a-z0-9-]+", "projects/P/global/networks/N"))
]
AdoptedKeyRing = Annotated[
    Adopted,
    AfterValidator(
        id_of(r"projects/[a-z0-9-]+/locations/[a-z0-9-]+/keyRings/[\w-]+", "projects/P/locations/L/keyRings/R")
    ),
]


class Existing(Model):
    """What the installation finds instead of making, by the key that the platform uses for it."""

    folders: dict[Literal["common", "interactive", "nonproduction", "production"], AdoptedFolder] = {}
    projects: dict[str, AdoptedProject] = Field({}, description="By project key, for example 'common-logging'.")
    networks: dict[EnvironmentKey, AdoptedNetwork] = {}
    key_rings: dict[str, AdoptedKeyRing] = Field({}, description="By ring key, for example 'interactive-europe-west4'.")
    access_policy: NumericId | None = Field(None, description="Number of the organization's access policy, if any.")
