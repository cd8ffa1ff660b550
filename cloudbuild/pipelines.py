"""The pipelines as data: `trigger.yaml` says what starts a build under which identity, build files say what it does.

The folder's name is the pipeline's key. Build files have the form of Cloud Build's own configuration, reduced to what
the pipelines use. Each trigger carries its build, so that nobody changes what runs with a builder's rights by changing
a file in the repository that the build checks.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from settings.loading import parse, read_yaml
from settings.model import Model

FOLDER = Path(__file__).parent
BUILDER = "builder.yaml"
OWN_CODE = "PYTHONSAFEPATH="
"""In the environment of a step: Python looks into the working folder first, which the builder forbids it."""
REPOSITORY = "BLUEPRINT_REPOSITORY"
"""In the environment of every step: the connected repository that its build was started for."""
SUBSTITUTION = re.compile(r"(?<!\$)\$\{?([A-Z_][A-Z0-9_]*)\}?")

Duration = Annotated[str, StringConstraints(pattern=r"^[0-9]+s$")]


class Step(Model):
    """One container that runs; `args` follow the entrypoint. `allow_exit_codes` are results that are no failure."""

    id: str
    name: str
    entrypoint: str | None = None
    args: list[str] = []
    env: list[str] = []
    secret_env: list[str] = Field([], alias="secretEnv")
    dir: str | None = None
    allow_exit_codes: list[int] = Field([], alias="allowExitCodes")
    wait_for: list[str] = Field([], alias="waitFor")


class Secret(Model):
    """A version of a secret of Secret Manager, and the variable in which steps that name it find its value."""

    version: Annotated[str, StringConstraints(pattern=r"^projects/[^/]+/secrets/[^/]+/versions/[^/]+$")] = Field(
        alias="versionName"
    )
    env: str


class Secrets(Model):
    """Where a build has its secrets from; nowhere else."""

    secret_manager: list[Secret] = Field([], alias="secretManager")


class Options(Model):
    """How a build is logged."""

    logging: Literal["CLOUD_LOGGING_ONLY"] = "CLOUD_LOGGING_ONLY"


class Build(Model):
    """A build file."""

    steps: Annotated[list[Step], Field(min_length=1)]
    timeout: Duration
    available_secrets: Secrets = Field(Secrets(), alias="availableSecrets")
    options: Options = Options()

    @property
    def substitutions(self) -> set[str]:
        """Names of the user substitutions that the steps use."""
        return {name for name in self.every_substitution if name.startswith("_")}

    @property
    def every_substitution(self) -> set[str]:
        """Names of all substitutions that the steps use, Google's own included."""
        words = [word for step in self.steps for word in (step.name, *step.args, *step.env, step.dir or "")]
        words += [secret.version for secret in self.available_secrets.secret_manager]
        return {name for word in words for name in SUBSTITUTION.findall(word)}


class Trigger(Model):
    """What starts a build.

    `event` is a proposed change, a merged one, or a message that one of the `starters` (persona keys) or the `schedule`
    (a setting of `builds`) sends; `attributes` of the message become substitutions. `builder` is the identity that the
    build runs under. That of a proposed change looks at every file: no merge goes without its success. With `approval`
    it waits for the approving persona of its project. With a `purpose` only teams of that purpose have it. One that is
    `per_wave` is as many triggers, each with its `_WAVE`.
    """

    event: Literal["pull_request", "push", "message"]
    repository: Literal["infrastructure", "templates", "containers", "team"]
    branch: Literal["main_branch", "deployment_branch"] = "main_branch"
    purpose: Literal["predictive", "generative"] | None = None
    builder: str
    build: str = "cloudbuild.yaml"
    files: list[str] = []
    approval: bool = False
    per_wave: bool = False
    starters: list[str] = []
    schedule: Literal["drift_check", "answers_check", "retraining_check"] | None = None
    attributes: list[str] = []
    substitutions: dict[str, str] = {}

    @model_validator(mode="after")
    def _fits_its_event(self) -> Trigger:
        if self.event != "message" and (self.starters or self.schedule or self.attributes):
            raise ValueError("has starters, a schedule or attributes; only messages have them")
        if self.event == "pull_request" and self.files:
            raise ValueError("has files; a merge requires its build, and would wait for ever where it does not start")
        return self


class Pipeline(Model):
    """One pipeline: the build project it lives in and its triggers, once or once per team.

    `waves` are stacks (names or globs) that are approved and applied together, one wave after the other. With
    `own_code` builds run the platform's code as it lies in their repository; without it nothing in there is ever run.
    """

    title: str
    purpose: str
    place: Literal["delivery-i", "delivery-w"]
    own_code: bool = False
    per_team: bool = False
    waves: dict[str, list[str]] = {}
    triggers: Annotated[dict[str, Trigger], Field(min_length=1)]


def read(folder: Path = FOLDER) -> dict[str, Pipeline]:
    """Every pipeline by key. Raises InvalidSettings where a file offends its form."""
    return {
        path.parent.name: _spread(parse(TypeAdapter(Pipeline), read_yaml(path, _place(path)), _place(path)))
        for path in sorted(folder.glob("*/trigger.yaml"))
    }


def _spread(pipeline: Pipeline) -> Pipeline:
    """A trigger `per_wave` as those that it stands for."""
    triggers: dict[str, Trigger] = {}
    for word, trigger in pipeline.triggers.items():
        if not trigger.per_wave:
            triggers[word] = trigger
            continue
        for wave in pipeline.waves:
            own = {"per_wave": False, "substitutions": trigger.substitutions | {"_WAVE": wave}}
            triggers[f"{word}-{wave}"] = trigger.model_copy(update=own)
    return pipeline.model_copy(update={"triggers": triggers})


def read_build(pipeline: str, name: str, folder: Path = FOLDER) -> Build:
    """A build file of a pipeline. Raises InvalidSettings where it offends its form."""
    path = folder / pipeline / name
    build: Build = parse(TypeAdapter(Build), read_yaml(path, _place(path)), _place(path))
    return build


def _place(path: Path) -> str:
    return "/".join(path.parts[-3:])


class BuilderImage(Model):
    """The image that build steps call $_BUILDER. `digest` is None until a registry was asked, on the day `read`."""

    image: str
    tag: Annotated[str, StringConstraints(pattern=r"^[0-9][A-Za-z0-9_.-]{0,127}$")]
    digest: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")] | None
    read: date | None


def builder(folder: Path = FOLDER) -> BuilderImage:
    """The image in which every step runs."""
    found: BuilderImage = parse(TypeAdapter(BuilderImage), read_yaml(folder / BUILDER, BUILDER), BUILDER)
    return found


def builder_image(repository: str, folder: Path = FOLDER) -> str:
    """Its address, given that of the platform's image repository: by digest once one is known."""
    found = builder(folder)
    return f"{repository}/{found.image}" + (f"@{found.digest}" if found.digest else f":{found.tag}")
