"""Build files: Google's own client reads each of them, and the rules of the platform find what is planted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cloudbuild.checking import check
from cloudbuild.pipelines import FOLDER
from operations.builds.events import Event, starts
from tests.program import blueprint

BUILD = "infrastructure/plan.yaml"
DEFECTS = {
    "a field that Google does not know": (BUILD, "timeout: 3600s", "timeout: 3600s\nmachine: big", "is no build for"),
    "a build without a time limit": (BUILD, "timeout: 3600s\n", "", "timeout"),
    "an image of somebody else": (
        BUILD,
        "{id: check, name: $_BUILDER",
        "{id: check, name: gcr.io/x/y",
        "use $_BUILDER",
    ),
    "a substitution that nobody defines": (BUILD, "[build, check]", "[build, $_NOWHERE]", "_NOWHERE: is not defined"),
    "an unused substitution": (
        "operational/trigger.yaml",
        "{_ENVIRONMENT: nonproduction}",
        "{_X: y}",
        "_X: is not used",
    ),
    "a shell script in a build": (
        BUILD,
        "entrypoint: blueprint, args: [check]",
        'entrypoint: bash, args: [-c, "a\\nb\\nc\\nd"]',
        "4 lines of shell",
    ),
    "a secret in an argument": (BUILD, "args: [check]", "args: [check, --token=abc]", "shows a secret"),
    "a secret after its option": (BUILD, "args: [check]", "args: [check, --api-token, abc]", "shows a secret"),
    "a secret in a line of shell": (BUILD, "args: [check]", 'args: [-c, "curl --token abc"]', "shows a secret"),
    "a secret that no build has": (BUILD, "args: [check]", "args: [check], secretEnv: [TOKEN]", "is no secret of this"),
    "a secret that no step uses": (
        BUILD,
        "timeout: 3600s",
        "timeout: 3600s\navailableSecrets: {secretManager: [{versionName: projects/p/secrets/s/versions/1, env: X}]}",
        "no step uses",
    ),
    "a secret of another place than Secret Manager": (
        BUILD,
        "timeout: 3600s",
        "timeout: 3600s\navailableSecrets: {secretManager: [{versionName: s, env: X}]}",
        "versionName",
    ),
    "an image that does not say which build pushed it": (
        "container/cloudbuild.yaml",
        ", --build, $BUILD_ID",
        "",
        "pushes without saying which build does",
    ),
    "a build file that nothing starts": (
        "infrastructure/trigger.yaml",
        "build: drift.yaml",
        "build: plan.yaml",
        "no trigger",
    ),
    "a build file that does not exist": (
        "interactive/trigger.yaml",
        "build: check.yaml",
        "build: none.yaml",
        "write it",
    ),
    "a required check that not every change starts": (
        "container/trigger.yaml",
        "build: check.yaml",
        "build: check.yaml\n    files: [pipelines/**]",
        "would wait for ever",
    ),
    "a key that does not exist": ("interactive/trigger.yaml", "approval: true", "aproval: true", "aproval"),
}


def test_every_build_file_is_a_build_for_google() -> None:
    done = blueprint("build", "check", cwd=FOLDER.parent)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_in_a_build_file_is_found(name: str, tmp_path: Path) -> None:
    file, old, new, told = DEFECTS[name]
    folder = tmp_path / "cloudbuild"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    assert any(told in str(problem) for problem in check(folder)), [str(p) for p in check(folder)]
    assert check() == []


def test_only_an_event_of_the_right_kind_branch_and_files_starts_a_trigger() -> None:
    from google.cloud.devtools.cloudbuild_v1 import BuildTrigger

    push = BuildTrigger(
        repository_event_config={"push": {"branch": "^main$"}}, included_files=["catalog_templates/**", "*.md"]
    )
    changed = ("catalog_templates/bucket/main.tf",)
    assert starts(push, Event("push", "main", "c", files=changed))
    assert starts(push, Event("push", "main", "c", files=("README.md",)))
    assert not starts(push, Event("push", "main", "c", files=("docs/README.md",)))
    assert not starts(push, Event("push", "maintenance", "c", files=changed))
    assert not starts(push, Event("pull_request", "main", "c", files=changed))
    assert not starts(push, Event("message", "main", "c"))
    message = BuildTrigger(pubsub_config={"topic": "projects/p/topics/t"})
    assert starts(message, Event("message", "main", "c"))
    assert not starts(message, Event("push", "main", "c", files=changed))


@pytest.mark.proves("D2", defect="an attribute of a message that is called as one of the trigger's own substitutions")
def test_of_a_message_a_build_gets_what_its_trigger_names_and_nothing_else() -> None:
    from google.cloud.devtools.cloudbuild_v1 import BuildTrigger

    own = {"_TARGET": "google", "_RUN": "$(body.message.attributes.run)", "_WHY": "$(body.message.attributes.why)"}
    event = Event("message", "main", "abc", attributes={"run": "r1", "target": "elsewhere", "_TARGET": "elsewhere"})
    found = event.substitutions(BuildTrigger(substitutions=own))
    assert "_TARGET" not in found
    assert found == {"_RUN": "r1", "_WHY": ""}
