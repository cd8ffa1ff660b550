"""Whether build files are what they should be: Google's client accepts them, and the platform's own rules hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cloudbuild.pipelines import FOLDER, Build, Pipeline, read, read_build
from settings.loading import read_yaml
from settings.problems import InvalidSettings, Problem

GIVEN = {"COMMIT_SHA", "BUILD_ID", "PROJECT_ID", "BRANCH_NAME", "_HEAD_BRANCH", "_BASE_BRANCH", "_PR_NUMBER"}
PLATFORM = {"_BUILDER", "_IMAGES", "_PIPELINES", "_PLANS", "_TARGET", "_TEAM", "_TEMPLATES"}
LONGEST_SHELL = 3
_SHELLS = ("bash", "sh")
_NAMES = r"(token|password|secret|api[_-]?key)"
_SECRET = re.compile(rf"(?i){_NAMES}\s*[=:]\s*[^$\s]\S*|(?<!\S)--?[\w-]*{_NAMES}\s+[^$\s-]\S*")


def check(folder: Path = FOLDER) -> list[Problem]:
    """Every problem of every pipeline's files, `folder/file: problem; way out`."""
    try:
        pipelines = read(folder)
    except InvalidSettings as error:
        return list(error.problems)
    return [problem for key, pipeline in pipelines.items() for problem in _of_pipeline(key, pipeline, folder)]


def _of_pipeline(key: str, pipeline: Pipeline, folder: Path) -> Iterator[Problem]:
    used = {trigger.build for trigger in pipeline.triggers.values()}
    for file in sorted(path.name for path in (folder / key).glob("*.yaml") if path.name != "trigger.yaml"):
        place = f"cloudbuild/{key}/{file}"
        if file not in used:
            yield Problem(place, "is started by no trigger", f"name it in cloudbuild/{key}/trigger.yaml, or remove it")
        yield from _of_google(place, read_yaml(folder / key / file, place))
        try:
            build = read_build(key, file, folder)
        except InvalidSettings as error:
            yield from error.problems
            continue
        for rule in RULES:
            yield from rule(place, build)
        yield from _known(place, build, pipeline, file)
    for word, trigger in pipeline.triggers.items():
        if not (folder / key / trigger.build).is_file():
            place = f"cloudbuild/{key}/trigger.yaml.{word}"
            yield Problem(place, f"names '{trigger.build}', which does not exist", "write it")


def _of_google(place: str, content: Any) -> Iterator[Problem]:
    """What Google's own client says: every field must be one of its Build."""
    from google.cloud.devtools.cloudbuild_v1 import Build as GoogleBuild

    try:
        GoogleBuild.from_json(json.dumps(content), ignore_unknown_fields=False)
    except Exception as error:  # the client's parser raises its own kinds
        told = str(error).replace("google.devtools.cloudbuild.v1.", "")
        yield Problem(place, f"is no build for Google ({told})", "see the fields of Cloud Build's Build")


def _in_the_builder(place: str, build: Build) -> Iterator[Problem]:
    for step in build.steps:
        if step.name != "$_BUILDER":
            yield Problem(f"{place}.{step.id}", f"runs in '{step.name}'", "use $_BUILDER, the platform's own image")


def _commands_people_run(place: str, build: Build) -> Iterator[Problem]:
    for step in build.steps:
        lines = max((len(word.strip().splitlines()) for word in step.args), default=0)
        if step.entrypoint in _SHELLS and lines > LONGEST_SHELL:
            yield Problem(f"{place}.{step.id}", f"holds {lines} lines of shell", "make it a command of blueprint")


def _no_secret_in_sight(place: str, build: Build) -> Iterator[Problem]:
    for step in build.steps:
        for words in (" ".join(step.args), *step.env):
            if found := _SECRET.search(words):
                yield Problem(
                    f"{place}.{step.id}", f"shows a secret in '{found[0]}'", "use availableSecrets and secretEnv"
                )


def _says_who_pushes(place: str, build: Build) -> Iterator[Problem]:
    for step in build.steps:
        if "--push" in step.args and "--build $BUILD_ID" not in " ".join(step.args):
            yield Problem(f"{place}.{step.id}", "pushes without saying which build does", "add --build, $BUILD_ID")


def _secrets_declared_and_used(place: str, build: Build) -> Iterator[Problem]:
    declared = {secret.env for secret in build.available_secrets.secret_manager}
    used = {name for step in build.steps for name in step.secret_env}
    for name in sorted(used - declared):
        yield Problem(f"{place}.{name}", "is no secret of this build", "declare it in availableSecrets")
    for name in sorted(declared - used):
        yield Problem(f"{place}.{name}", "is a secret that no step uses", "remove it, or name it in a secretEnv")


def _known(place: str, build: Build, pipeline: Pipeline, file: str) -> Iterator[Problem]:
    for word, trigger in pipeline.triggers.items():
        if trigger.build != file:
            continue
        own = set(trigger.substitutions) | {f"_{key.upper()}" for key in trigger.attributes}
        for name in sorted(build.every_substitution - own - GIVEN - PLATFORM):
            yield Problem(f"{place}.{name}", f"is not defined for trigger '{word}'", "declare it in trigger.yaml")
        for name in sorted(own - build.every_substitution):
            yield Problem(f"cloudbuild trigger {word}.{name}", f"is not used by {place}", "remove it")


RULES: tuple[Callable[[str, Build], Iterator[Problem]], ...] = (
    _in_the_builder,
    _commands_people_run,
    _no_secret_in_sight,
    _secrets_declared_and_used,
    _says_who_pushes,
)
