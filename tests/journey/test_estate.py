"""The main job: the whole estate in the sandbox, from empty to complete and back to nothing."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from sandbox.store import Store
from tests.estate import Estate
from tests.pages import fenced
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


def test_the_commands_of_the_readme_run(deployed: Path) -> None:
    shutil.copytree(ROOT / "settings", deployed / "settings", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    ran = 0
    for command in fenced(ROOT / "README.md"):
        words = shlex.split(command)
        if words[0] == "make":
            assert words[1] in targets, command
            continue
        assert words[0] == ".venv/bin/blueprint", command
        done = blueprint(*words[1:], cwd=deployed)
        assert done.returncode in (0, 5), f"{command}\n{done.stderr}"
        ran += 1
    assert ran >= 5


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


def test_destroy_leaves_nothing_but_what_google_keeps(deployed: Path, tmp_path: Path) -> None:
    shutil.copytree(deployed, tmp_path / "copy")
    done = blueprint("destroy", "--auto-approve", *EXAMPLE, cwd=tmp_path / "copy")
    assert done.returncode == 0, done.stderr
    left = json.loads(blueprint("status", "--json", *EXAMPLE, cwd=tmp_path / "copy").stdout)
    assert sum(s["resources"] for s in left["stacks"]) == 0
    assert {k["type"] for k in left["kept"]} == {"google_project", "google_kms_key_ring", "google_kms_crypto_key"}


def test_a_team_that_is_gone_goes_in_order_and_leaves_the_others(deployed: Path, tmp_path: Path) -> None:
    shutil.copytree(deployed, tmp_path / "copy")
    settings = tmp_path / "settings"
    shutil.copytree(ROOT / "settings", settings, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    own, cwd = ("--settings", str(settings)), tmp_path / "copy"
    before = json.loads(blueprint("status", "--json", *own, cwd=cwd).stdout)["stacks"]
    team = ("--purpose", "predictive", "--contact", "fraud@example.com")
    assert blueprint("team", "add", "fraud", *team, *own, cwd=cwd).returncode == 0
    done = blueprint("deploy", "*-fraud", "--auto-approve", *own, cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert blueprint("team", "remove", "fraud", *own, cwd=cwd).returncode == 0

    shown = blueprint("status", "*-fraud", *own, cwd=cwd).stdout
    assert (shown.count("no longer in the settings"), "churn" in shown) == (3, False), shown
    told = blueprint("destroy", "--gone", "--explain", *own, cwd=cwd).stdout
    assert told.index("production-fraud: ") < told.index("nonproduction-fraud: "), told
    done = blueprint("destroy", "--gone", "--auto-approve", *own, cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert "3 stacks" in done.stdout
    after = json.loads(blueprint("status", "--json", *own, cwd=cwd).stdout)["stacks"]
    assert {s["name"] for s in after} == {s["name"] for s in before}
    teams = [[s["resources"] for s in them if s["name"].endswith(("-churn", "-assistant"))] for them in (before, after)]
    assert teams[0] == teams[1]


def test_a_state_that_is_none_is_told_and_can_be_replaced(tmp_path: Path) -> None:
    assert blueprint("deploy", "bootstrap", "--auto-approve", *EXAMPLE, cwd=tmp_path).returncode == 0
    assert blueprint("deploy", "bootstrap", "--auto-approve", *EXAMPLE, cwd=tmp_path).returncode == 0
    with Store(tmp_path / ".sandbox/cloud.db") as store:
        ((bucket, _),) = [b for b in store.find("google_storage_bucket") if b[0].endswith("-state")]
        store.put_object(bucket, "stacks/bootstrap/default.tfstate", b'{"version": 4, "resour')
    done = blueprint("status", *EXAMPLE, cwd=tmp_path)
    assert (done.returncode, "state of bootstrap: is not a Terraform state" in done.stderr) == (1, True), done.stderr
    run, stack = blueprint("state", "list", cwd=tmp_path).stdout.split()[:2]
    done = blueprint("state", "restore", run, stack, *EXAMPLE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert blueprint("plan", "bootstrap", *EXAMPLE, cwd=tmp_path).returncode == 0


def test_the_way_to_google_plans_reviews_and_applies_the_same_bytes(tmp_path: Path) -> None:
    """`--target google` runs unchanged; only the providers and the bucket that Terraform reaches are the sandbox's."""
    settings = tmp_path / "settings"
    shutil.copytree(ROOT / "settings", settings, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    own, to_google = ("--settings", str(settings)), ("sandbox", "exec", "--", str(BLUEPRINT))
    assert blueprint("deploy", "bootstrap", "--auto-approve", *own, cwd=tmp_path).returncode == 0
    inside = ("--target", "google", *own)
    assert blueprint(*to_google, "plan", "organization", *inside, cwd=tmp_path).returncode == 5

    organization = settings / "organization.yaml"
    text = organization.read_text()
    organization.write_text(text.replace("cc-1042", "cc-1043"))
    changed = blueprint(*to_google, "deploy", "organization", "--auto-approve", *inside, cwd=tmp_path)
    assert (changed.returncode, "changed since its plan was made" in changed.stderr) == (4, True), changed.stderr

    organization.write_text(text)
    assert blueprint(*to_google, "plan", "organization", *inside, cwd=tmp_path).returncode == 5
    done = blueprint(*to_google, "deploy", "organization", "--auto-approve", *inside, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Google Cloud" in done.stdout
    assert blueprint("plan", "organization", *own, cwd=tmp_path).returncode == 0


def test_a_first_deploy_to_google_is_refused_while_checks_fail(tmp_path: Path) -> None:
    command = ("sandbox", "exec", "--", str(BLUEPRINT), "deploy", "bootstrap", "--auto-approve", "--target", "google")
    done = blueprint(*command, *EXAMPLE, cwd=tmp_path)
    assert (done.returncode, "blueprint init" in done.stderr) == (4, True), done.stderr
    assert json.loads(blueprint("status", "--json", *EXAMPLE, cwd=tmp_path).stdout)["stacks"][0]["resources"] == 0
