"""Builds run here as Cloud Build runs them: order, substitutions, secrets, volumes, time limits, artifacts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.builds.order import needs
from sandbox.builds.running import Outside, run
from sandbox.builds.step import Process, Surroundings
from sandbox.builds.substitutions import substituted
from sandbox.errors import SandboxError


def shell(id_: str, script: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "name": "any", "entrypoint": "bash", "args": ["-c", script], **more}


class World:
    """A workspace, and what a build said and left in it."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        self.lines: list[str] = []
        self.objects: dict[str, bytes] = {}

    def run(self, *steps: dict[str, Any], known: dict[str, str] | None = None, **build: Any) -> dict[str, Any]:
        around = Surroundings(self.workspace, {"PATH": os.environ["PATH"]})
        outside = Outside(
            secret=lambda version: f"value of {version}",
            upload=lambda bucket, name, data: self.objects.update({f"{bucket}/{name}": data}),
            line=self.lines.append,
        )
        return run({"steps": list(steps), **build}, known or {}, around, outside)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def statuses(build: dict[str, Any]) -> dict[str, str]:
    return {step["id"]: step["status"] for step in build["steps"]}


def test_steps_wait_for_all_before_them_unless_they_say_otherwise() -> None:
    steps = [{"id": "a"}, {"id": "b", "waitFor": ["-"]}, {"id": "c"}, {"id": "d", "waitFor": ["b"]}]
    assert needs(steps) == [frozenset(), frozenset(), frozenset({0, 1}), frozenset({1})]
    with pytest.raises(SandboxError, match="no step before 'a' is called 'z'"):
        needs([{"id": "a", "waitFor": ["z"]}])
    with pytest.raises(SandboxError, match="'a' is taken"):
        needs([{"id": "a"}, {"id": "a"}])


def test_a_step_that_waits_for_none_runs_beside_the_first(world: World) -> None:
    meet = "touch {}; until [ -e {} ]; do sleep 0.01; done"
    first, second = shell("a", meet.format("a", "b"), timeout="20s"), shell("b", meet.format("b", "a"), waitFor=["-"])
    assert world.run(first, second)["status"] == "SUCCESS"


def test_a_failure_stops_what_runs_and_starts_nothing_new(world: World) -> None:
    build = world.run(shell("bad", "exit 7"), shell("long", "sleep 60", waitFor=["-"]), shell("late", "touch late"))
    assert build["status"] == "FAILURE"
    assert build["failureInfo"] == {"type": "USER_BUILD_STEP", "detail": "bad ended with 7"}
    assert statuses(build) == {"bad": "FAILURE", "long": "CANCELLED", "late": "QUEUED"}
    assert not (world.workspace / "late").exists()


def test_exit_codes_that_are_allowed_are_no_failure(world: World) -> None:
    assert world.run(shell("plan", "exit 5", allowExitCodes=[5]))["status"] == "SUCCESS"
    assert world.run(shell("plan", "exit 4", allowExitCodes=[5]))["status"] == "FAILURE"
    assert world.run(shell("plan", "exit 4", allowFailure=True), shell("b", "true"))["status"] == "SUCCESS"


def test_substitutions_are_filled_in_everywhere_but_in_scripts(world: World) -> None:
    build = world.run(
        shell("say", "x=7; echo $COMMIT_SHA ${_TEAM} $$x"),
        {"id": "script", "name": "any", "script": "echo ${COMMIT_SHA:-unset}"},
        known={"COMMIT_SHA": "abc"},
        substitutions={"_TEAM": "churn"},
    )
    assert build["status"] == "SUCCESS"
    assert world.lines[0] == 'Step #0 - "say": abc churn 7'
    assert world.lines[1] == 'Step #1 - "script": unset'


def test_substitutions_must_match_unless_a_build_says_that_it_is_loose() -> None:
    build = {"steps": [shell("a", "echo $_MISSING")], "substitutions": {"_SPARE": "x"}}
    with pytest.raises(SandboxError, match="_MISSING used but not defined"):
        substituted(build, {})
    with pytest.raises(SandboxError, match="_SPARE defined but not used"):
        substituted({"steps": [], "substitutions": {"_SPARE": "x"}}, {})
    loose = substituted(build | {"options": {"substitutionOption": "ALLOW_LOOSE"}}, {})
    assert loose["steps"][0]["args"] == ["-c", "echo "]
    with pytest.raises(SandboxError, match="no name for one"):
        substituted({"steps": [], "substitutions": {"TEAM": "x"}}, {})


def test_secrets_reach_only_the_steps_that_name_them(world: World) -> None:
    version = "projects/p/secrets/token/versions/latest"
    secrets = {"secretManager": [{"versionName": version, "env": "TOKEN"}]}
    with_it = shell("with", "echo $$TOKEN", secretEnv=["TOKEN"])
    build = world.run(with_it, shell("without", "echo ${TOKEN:-none}"), availableSecrets=secrets)
    assert build["status"] == "SUCCESS"
    assert [line.partition(": ")[2] for line in world.lines] == [f"value of {version}", "none"]
    assert "declare it there" in world.run(with_it)["failureInfo"]["detail"]
    assert "no step uses TOKEN" in world.run(shell("a", "true"), availableSecrets=secrets)["statusDetail"]


def test_a_volume_passes_between_the_steps_that_mount_it_and_to_no_other(world: World) -> None:
    mount = [{"name": "cache", "path": "/workspace/cache"}]
    build = world.run(
        shell("write", "echo kept > cache/note", volumes=mount),
        shell("other", "test ! -e cache"),
        shell("read", "cat cache/note", volumes=mount),
    )
    assert build["status"] == "SUCCESS", build
    assert world.lines == ['Step #2 - "read": kept']
    outside = world.run(shell("a", "true", volumes=[{"name": "x", "path": "/etc/x"}]))
    assert "choose a path below /workspace" in outside["failureInfo"]["detail"]


def test_a_step_and_a_build_end_when_their_time_is_over(world: World) -> None:
    assert statuses(world.run(shell("slow", "sleep 60", timeout="0.2s"))) == {"slow": "TIMEOUT"}
    build = world.run(shell("slow", "sleep 60"), timeout="2s")
    assert (build["status"], statuses(build)) == ("TIMEOUT", {"slow": "TIMEOUT"})


def test_a_step_that_ends_while_it_is_stopped_is_no_problem() -> None:
    process = Process()
    process._running = ended = subprocess.Popen(["true"], start_new_session=True, text=True)
    with ended._waitpid_lock:  # type: ignore[attr-defined]  # as the thread does that waits for it
        os.waitpid(ended.pid, 0)
        process.stop("CANCELLED")
    with pytest.raises(ProcessLookupError):
        os.kill(ended.pid, 0)
    assert process._stopped == "CANCELLED"


def test_artifacts_are_uploaded_after_the_last_step_and_only_if_all_went_well(world: World) -> None:
    artifacts = {"objects": {"location": "gs://results/$COMMIT_SHA/", "paths": ["out/*.txt"]}}
    steps = [shell("make", "mkdir -p out; echo 1 > out/a.txt; echo 2 > out/b.txt")]
    build = world.run(*steps, artifacts=artifacts, known={"COMMIT_SHA": "abc"})
    assert (build["status"], build["results"]) == ("SUCCESS", {"numArtifacts": "2"})
    assert world.objects == {"results/abc/a.txt": b"1\n", "results/abc/b.txt": b"2\n"}
    world.objects.clear()
    assert world.run(shell("bad", "false"), artifacts=artifacts, known={"COMMIT_SHA": "abc"})["status"] == "FAILURE"
    assert world.objects == {}


def test_what_cannot_run_here_fails_with_the_reason_and_the_way_out(world: World) -> None:
    nameless = world.run({"id": "a", "name": "gcr.io/some/image"})
    assert "names no entrypoint, and its image cannot run here" in nameless["failureInfo"]["detail"]
    unknown = world.run({"id": "a", "name": "any", "entrypoint": "no-such-program"})
    assert "only its image has it" in unknown["failureInfo"]["detail"]
    assert "leads out of the workspace" in world.run(shell("a", "true", dir="../.."))["failureInfo"]["detail"]
    assert "none is built here" in world.run(shell("a", "true"), images=["x"])["failureInfo"]["detail"]


def test_a_build_says_that_its_steps_did_not_run_in_their_images(world: World) -> None:
    assert world.run(shell("a", "true"))["statusDetail"].startswith("SANDBOX")
