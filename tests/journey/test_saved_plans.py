"""Plans that were kept: applied exactly as they are, and refused once the state has moved on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from sandbox.store import Store
from settings.loading import names_of, read
from tests.program import ROOT, blueprint


def test_a_saved_plan_is_applied_as_it_is_and_one_older_than_the_state_is_refused(tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    shutil.copytree(ROOT / "settings", settings, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    own, bucket = ("--settings", str(settings)), names_of(read(settings)).state_bucket()
    assert blueprint("deploy", "bootstrap", "--auto-approve", *own, cwd=tmp_path).returncode == 0
    organization = settings / "organization.yaml"
    organization.write_text(organization.read_text().replace("cc-1042", "cc-1043"))
    for place in ("first", "second"):
        kept = blueprint("plan", "bootstrap", "--save", f"gs://{bucket}/plans/{place}", *own, cwd=tmp_path)
        assert (kept.returncode, "1 plans kept" in kept.stderr) == (5, True), kept.stderr
    # Planted: a plan that is there before the build that should make it.
    again = blueprint("plan", "bootstrap", "--save", f"gs://{bucket}/plans/first", *own, cwd=tmp_path)
    assert (again.returncode, "is kept already, and is not this plan" in again.stderr) == (4, True), again.stderr
    apply = ("deploy", "bootstrap", "--auto-approve", *own, "--saved")
    done = blueprint(*apply, f"gs://{bucket}/plans/first", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert blueprint("plan", "bootstrap", *own, cwd=tmp_path).returncode == 0
    older = blueprint(*apply, f"gs://{bucket}/plans/second", cwd=tmp_path)
    assert (older.returncode, "was planned before the state" in older.stderr) == (4, True), older.stderr
    with Store(tmp_path / ".sandbox/cloud.db") as store:
        state = json.loads(store.objects.get(bucket, "stacks/bootstrap/default.tfstate").data)  # type: ignore[union-attr]
    assert state["resources"]
