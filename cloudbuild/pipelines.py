"""The pipelines as data: `trigger.yaml` says what starts a build under which identity, build files say what it does.

The folder's name is the pipeline's key. Build files have the form of Cloud Build's own configuration, reduced to what
the pipelines use. Each trigger carries its build, so that nobody changes what runs with a builder's rights by changing
a file in the repository that the build checks.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from settings.loading import parse, read_yaml
from settings.model import Model

FOLDER = Path(__file__).parent
SUBSTITUTION = re.compile(r"(?<!\$)\$\{?([A-Z_][A-Z0-9_]*)\}?")

Duration = Annotated[str, StringConstraints(pattern=r"^[0-9]+s$")]


class Step(Model):
    """One container that runs; `args` follow the entrypoint. `allow_exit_codes` are results that are no failure."""

    id: str
    name: str
    entrypoint: str | None = None
    args: list[str] = []
    env: list[str] = []
    dir: str | None = None
    allow_exit_codes: list[int] = Field([], alias="allowExitCodes")
    wait_for: list[str] = Field([], alias="waitFor")


class Options(Model):
    """How a build is logged and what Google vouches for."""

    logging: Literal["CLOUD_LOGGING_ONLY"] = "CLOUD_LOGGING_ONLY"
    requested_verify_option: Literal["VERIFIED"] | None = Field(None, alias="requestedVerifyOption")


class Build(Model):
    """A build file."""

    steps: Annotated[list[Step], Field(min_length=1)]
    timeout: Duration
    options: Options = Options()

    @property
    def substitutions(self) -> set[str]:
        """Names of the user substitutions that the steps use."""
        return {name for name in self.every_substitution if name.startswith("_")}

    @property
    def every_substitution(self) -> set[str]:
        """Names of all substitutions that the steps use, Google's own included."""
        words = [word for step in self.steps for word in (step.name, *step.args, *step.env, step.dir or "")]
        return {name for word in words for name in SUBSTITUTION.findall(word)}


class Trigger(Model):
    """What starts a build.

    `event` is a proposed change, a merged one, or a message that one of the `starters` (persona keys) or the `schedule`
    (a setting of `builds`) sends; `attributes` of the message become substitutions. `builder` is the identity that the
    build runs under. With `approval` it waits for the approving persona of its project. With a `purpose` only teams of
    that purpose have it.
    """

    event: Literal["pull_request", "push", "message"]
    repository: Literal["infrastructure", "templates", "containers", "team"]
    branch: Literal["main_branch", "deployment_branch"] = "main_branch"
    purpose: Literal["predictive", "generative"] | None = None
    builder: str
    build: str = "cloudbuild.yaml"
    files: list[str] = []
    approval: bool = False
    starters: list[str] = []
    schedule: Literal["drift_check", "answers_check"] | None = None
    attributes: list[str] = []
    substitutions: dict[str, str] = {}

    @model_validator(mode="after")
    def _messages_only(self) -> Trigger:
        if self.event != "message" and (self.starters or self.schedule or self.attributes):
            raise ValueError("has starters, a schedule or attributes; only messages have them")
        return self


class Pipeline(Model):
    """One pipeline: the build project it lives in and its triggers, once or once per team."""

    title: str
    purpose: str
    place: Literal["delivery-i", "delivery-w"]
    per_team: bool = False
    triggers: Annotated[dict[str, Trigger], Field(min_length=1)]


def read(folder: Path = FOLDER) -> dict[str, Pipeline]:
    """Every pipeline by key. Raises InvalidSettings where a file offends its form."""
    return {
        path.parent.name: parse(TypeAdapter(Pipeline), read_yaml(path, _place(path)), _place(path))
        for path in sorted(folder.glob("*/trigger.yaml"))
    }


def read_build(pipeline: str, name: str, folder: Path = FOLDER) -> Build:
    """A build file of a pipeline. Raises InvalidSettings where it offends its form."""
    path = folder / pipeline / name
    build: Build = parse(TypeAdapter(Build), read_yaml(path, _place(path)), _place(path))
    return build


def _place(path: Path) -> str:
    return "/".join(path.parts[-3:])


class BuilderImage(Model):
    """The image that build steps call $_BUILDER."""

    image: str
    tag: Annotated[str, StringConstraints(pattern=r"^[0-9][A-Za-z0-9_.-]{0,127}$")]


def builder_image(repository: str, folder: Path = FOLDER) -> str:
    """Address of the image in which every step runs, given the address of the platform's image repository."""
    found: BuilderImage = parse(
        TypeAdapter(BuilderImage), read_yaml(folder / "builder.yaml", "builder.yaml"), "builder.yaml"
    )
    return f"{repository}/{found.image}:{found.tag}"
