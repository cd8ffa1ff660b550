"""The way to Google, walked in the sandbox: the same bytes, reviewed and applied."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.program import BLUEPRINT, EXAMPLE, ROOT, blueprint


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
