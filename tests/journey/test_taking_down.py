"""Taking down: the whole estate, or one team, and what is left of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.program import EXAMPLE, ROOT, blueprint


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
