"""The main job: the whole estate in the sandbox, from empty to complete."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from sandbox import redirect
from sandbox.store import Store
from settings.loading import names_of
from settings.model import Installation
from tests.estate import Estate
from tests.pages import fenced
from tests.program import EXAMPLE, ROOT, blueprint


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


def test_a_deploy_that_google_would_refuse_ends_with_its_words_and_the_file_of_each_rule(deployed: Path) -> None:
    done = blueprint("sandbox", "exec", "--", "sh", str(ROOT / "docs/refused-deploy.sh"), cwd=deployed)
    said = " ".join(done.stderr.split())
    assert done.returncode == 1, done.stdout
    for code, rule in ((412, "org_locations"), (412, "org_key_required"), (400, "org_member_domains")):
        assert f"googleapi: Error {code}: " in said
        assert f"rule sandbox/physics/rules/{rule}.py)" in said
    with Store(deployed / ".sandbox/cloud.db") as store:
        assert not store.has("google_storage_bucket", "acme-int-churn-k7q2-without-key")


def test_the_builder_that_plans_looks_and_takes_no_deployer(
    deployed: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder = names_of(installation).service_account("common", "delivery-i", "infra-plan")
    monkeypatch.setenv(redirect.PRINCIPAL, f"serviceAccount:{builder}")
    looked = blueprint("plan", "organization", "--looking", *EXAMPLE, cwd=deployed)
    assert looked.returncode == 0, looked.stderr
    taken = blueprint("plan", "organization", *EXAMPLE, cwd=deployed)
    assert (taken.returncode, "'iam.serviceAccounts.getAccessToken' denied" in taken.stderr) == (1, True), taken.stderr


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
