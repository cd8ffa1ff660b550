"""What a template says of itself: `manifest.yaml`, typed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from settings.model import Model
from settings.values import EnvironmentKey

Version = Annotated[str, Field(pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$", examples=["1.2.0"])]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
Control = Annotated[str, Field(pattern=r"^([A-Z]+-CO-\d+\.\d+|HOUSE-[A-Z]+-\d+)$", examples=["GCS-CO-6.2"])]
Role = Annotated[str, Field(pattern=r"^roles/[a-z]+(\.[A-Za-z]+)+$")]
Identity = Literal["composer", "notebook", "pipeline"]
Fact = Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z]+)?$", examples=["project", "key.storage"])]


class Cost(Model):
    """What makes a deployment cost money; amounts are Google's to say."""

    hint: str = Field(description="One sentence for the person who orders.")
    drivers: list[str] = Field([], description="Inputs that decide how much.")


class Deployer(Model):
    """The identity that makes what the template describes."""

    roles: list[Role] = Field(description="Predefined roles in the team's project.")
    acts_as: list[Identity] = Field([], description="Workload identities that it may attach to what it makes.")


class Manifest(Model):
    """A template as people find it in the catalog, and what the platform decides for them.

    `platform` maps each variable that nobody may set to the fact that fills it.
    """

    title: str
    summary: str
    icon: Annotated[str, Field(pattern=r"^[a-z]+$")]
    owner: Word = Field(description="Persona that writes the template.")
    version: Version
    environments: list[EnvironmentKey] = Field(description="Where it is offered.")
    orderers: list[Word] = Field(description="Personas that may order it.")
    quota: PositiveInt = Field(description="How many a team may have at a time.")
    cost: Cost
    platform: dict[str, Fact]
    controls: list[Control] = Field(description="Controls that the template fixes, whatever is ordered.")
    services: list[str] = Field(description="APIs that it calls, without .googleapis.com.")
    deployer: Deployer
