"""Where the code lives: GitHub or GitLab, and the repositories connected to Cloud Build."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from settings.values import Cidr, HostUri, Model, Once, Owner, Repository, Text


class GitHub(Model):
    """A GitHub organization, reached through the Cloud Build app."""

    host: Literal["github"]
    owner: Owner = Field(description="Organization or user that owns the repositories.")
    app_installation_id: PositiveInt = Field(description="Number of the Cloud Build app's installation in the owner.")
    ranges: Annotated[list[Cidr], Once, Field(min_length=1)] = Field(
        description="Published addresses of the host: the one way out of the networks."
    )

    @property
    def domain(self) -> str:
        return "github.com"

    @property
    def address(self) -> str:
        return f"https://{self.domain}/{self.owner}"


class GitLab(Model):
    """A GitLab group, reached with tokens kept in Secret Manager."""

    host: Literal["gitlab"]
    owner: Owner = Field(description="Group that owns the repositories.")
    uri: HostUri = "https://gitlab.com"
    ranges: Annotated[list[Cidr], Once, Field(min_length=1)] = Field(
        description="Published addresses of the host: the one way out of the networks."
    )

    @property
    def domain(self) -> str:
        return self.uri.removeprefix("https://")

    @property
    def address(self) -> str:
        return f"{self.uri}/{self.owner}"


class Repositories(Model):
    """Where the code lives: the host and the names of the repositories connected to Cloud Build."""

    provider: Annotated[GitHub | GitLab, Field(discriminator="host")]
    infrastructure: Repository = "ml-platform"
    templates: Repository = "ml-templates"
    containers: Repository = "ml-containers"
    main_branch: Text = "main"
    deployment_branch: Text = "deployment"
