"""The main job: the whole estate in the sandbox, from empty to complete and back to nothing."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tests.estate import Estate
from tests.program import BLUEPRINT, EXAMPLE, ROOT, blueprint


def test_what_exists_is_what_was_synthesized(deployed: Path, estate: Estate) -> None:
    found = json.loads(blueprint("status", "--json", *EXAMPLE, cwd=deployed).stdout)
    counted = {one["name"]: one["resources"] for one in found["stacks"]}
    assert counted == {stack: len(estate.resources("*", stack)) for stack in estate.documents}
    assert sum(counted.values()) >= 500


def test_the_plan_after_a_deploy_is_empty(deployed: Path) -> None:
    done = blueprint("plan", "--json", *EXAMPLE, cwd=deployed)
    changes = [
        s for s in json.loads(done.stdout)["stacks"] if s["add"] or s["change"] or s["destroy"] or "waits_for" in s
    ]
    assert changes == []
    assert done.returncode == 0, done.stderr


def test_a_new_team_touches_no_other_stack_of_a_team(deployed: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    shutil.copytree(ROOT / "settings", settings)
    churn = (settings / "teams/churn.yaml").read_text()
    (settings / "teams/newteam.yaml").write_text(churn.replace("churn", "newteam"))
    done = blueprint("plan", "--json", "--settings", str(settings), "--out", str(tmp_path / "out"), cwd=deployed)
    assert done.returncode == 5, done.stderr
    stacks = {s["name"]: s for s in json.loads(done.stdout)["stacks"]}
    others = [s for name, s in stacks.items() if name.endswith(("-churn", "-assistant"))]
    assert len(others) == 6
    assert all(s["add"] == s["change"] == s["destroy"] == 0 for s in others)
    assert stacks["interactive-newteam"]["add"] > 30
    assert all(s["destroy"] == 0 for s in stacks.values())


def test_an_empty_cloud_says_what_each_stack_waits_for(tmp_path: Path) -> None:
    done = blueprint("plan", "organization", "--json", *EXAMPLE, cwd=tmp_path)
    first, second = json.loads(done.stdout)["stacks"]
    assert (first["name"], first["add"] > 20) == ("bootstrap", True)
    assert second["waits_for"] == ["bootstrap"]
    assert done.returncode == 5
    assert "waits for bootstrap" in blueprint("plan", "organization", *EXAMPLE, cwd=tmp_path).stdout


def test_a_killed_deploy_continues_and_a_second_one_is_refused_meanwhile(tmp_path: Path) -> None:
    command = [BLUEPRINT, "deploy", "organization", "--auto-approve", *EXAMPLE]
    first = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lock = tmp_path / ".sandbox/lock"
    while not (lock.exists() and lock.read_text()) and first.poll() is None:
        time.sleep(0.05)
    second = blueprint("deploy", "bootstrap", "--auto-approve", *EXAMPLE, cwd=tmp_path)
    assert second.returncode == 1
    assert f"process {first.pid}" in second.stderr
    time.sleep(2)
    first.send_signal(signal.SIGKILL)
    first.wait()
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


def test_destroy_leaves_nothing_but_what_google_keeps(deployed: Path, tmp_path: Path) -> None:
    shutil.copytree(deployed, tmp_path / "copy")
    done = blueprint("destroy", "--auto-approve", *EXAMPLE, cwd=tmp_path / "copy")
    assert done.returncode == 0, done.stderr
    left = json.loads(blueprint("status", "--json", *EXAMPLE, cwd=tmp_path / "copy").stdout)
    assert sum(s["resources"] for s in left["stacks"]) == 0
    assert {k["type"] for k in left["kept"]} == {"google_project", "google_kms_key_ring", "google_kms_crypto_key"}
