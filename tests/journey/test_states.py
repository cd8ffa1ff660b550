"""States: what a stack waits for, a deploy that ends half-way, and states that are put back."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from sandbox.store import Store
from tests.program import BLUEPRINT, EXAMPLE, blueprint


def test_an_empty_cloud_says_what_each_stack_waits_for(tmp_path: Path) -> None:
    done = blueprint("plan", "organization", "--json", *EXAMPLE, cwd=tmp_path)
    first, second = json.loads(done.stdout)["stacks"]
    assert (first["name"], first["add"] > 20) == ("bootstrap", True)
    assert second["waits_for"] == ["bootstrap"]
    assert done.returncode == 5
    assert "waits for bootstrap" in blueprint("plan", "organization", *EXAMPLE, cwd=tmp_path).stdout


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_an_ended_deploy_continues_and_a_second_one_is_refused_meanwhile(end: signal.Signals, tmp_path: Path) -> None:
    command = [BLUEPRINT, "deploy", "organization", "--auto-approve", *EXAMPLE]
    first = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lock = tmp_path / ".sandbox/lock"
    while not (lock.exists() and lock.read_text()) and first.poll() is None:
        time.sleep(0.05)
    second = blueprint("deploy", "bootstrap", "--auto-approve", *EXAMPLE, cwd=tmp_path)
    assert second.returncode == 1
    assert f"process {first.pid}" in second.stderr
    time.sleep(2)
    first.send_signal(end)
    said = first.communicate()[1]
    if end == signal.SIGINT:
        assert (first.returncode, "nothing is lost" in said) == (1, True), said
    done = blueprint("deploy", "organization", "--auto-approve", *EXAMPLE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert blueprint("plan", "organization", *EXAMPLE, cwd=tmp_path).returncode == 0


def test_state_is_saved_before_a_change_and_can_be_put_back(tmp_path: Path) -> None:
    assert blueprint("deploy", "bootstrap", "--auto-approve", *EXAMPLE, cwd=tmp_path).returncode == 0
    assert blueprint("deploy", "bootstrap", "--auto-approve", *EXAMPLE, cwd=tmp_path).returncode == 0
    listed = blueprint("state", "list", cwd=tmp_path).stdout.splitlines()
    run, stack = listed[0].split()[:2]
    done = blueprint("state", "restore", run, stack, *EXAMPLE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert blueprint("plan", "bootstrap", *EXAMPLE, cwd=tmp_path).returncode == 0
    unknown = blueprint("state", "restore", run, "bootstrp", *EXAMPLE, cwd=tmp_path)
    assert (unknown.returncode, "did you mean" in unknown.stderr) == (2, True)


def test_a_state_that_is_none_is_told_and_can_be_replaced(tmp_path: Path) -> None:
    assert blueprint("deploy", "bootstrap", "--auto-approve", *EXAMPLE, cwd=tmp_path).returncode == 0
    assert blueprint("deploy", "bootstrap", "--auto-approve", *EXAMPLE, cwd=tmp_path).returncode == 0
    with Store(tmp_path / ".sandbox/cloud.db") as store:
        ((bucket, _),) = [b for b in store.find("google_storage_bucket") if b[0].endswith("-state")]
        store.objects.put(bucket, "stacks/bootstrap/default.tfstate", b'{"version": 4, "resour')
    done = blueprint("status", *EXAMPLE, cwd=tmp_path)
    assert (done.returncode, "state of bootstrap: is not a Terraform state" in done.stderr) == (1, True), done.stderr
    run, stack = blueprint("state", "list", cwd=tmp_path).stdout.split()[:2]
    done = blueprint("state", "restore", run, stack, *EXAMPLE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert blueprint("plan", "bootstrap", *EXAMPLE, cwd=tmp_path).returncode == 0
