"""A change of the infrastructure on its way through its pipeline, as docs/whole-change.sh types it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.store import Store
from settings.loading import names_of
from settings.model import Installation
from tests.changes import OTTO, approval, objects, stopped
from tests.program import EXAMPLE, ROOT, blueprint

SCRIPT = ROOT / "docs" / "whole-change.sh"


@pytest.fixture(scope="module")
def changed(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy of the deployed estate through which the change went, and what was said on the way."""
    home = tmp_path_factory.mktemp("change")
    shutil.copytree(deployed / ".sandbox", home / ".sandbox")
    done = subprocess.run(["sh", str(SCRIPT), "infrastructure"], cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return home / ".sandbox/change", done.stdout + done.stderr


def budgets(home: Path, team: str) -> set[str]:
    """What a team may spend, in all environments."""
    with Store(home / ".sandbox/cloud.db") as store:
        found = [values for _, values in store.find("google_billing_budget") if team in str(values["display_name"])]
    return {str(values["amount"][0]["specified_amount"][0]["units"]) for values in found}


@pytest.mark.proves("P1b", "D2", defect="a plan older than the state, a wave that is not planned yet, a change by hand")
def test_a_change_is_planned_approved_and_applied_wave_by_wave_and_what_was_not_deployed_is_reported(
    changed: tuple[Path, str], installation: Installation
) -> None:
    home, said = changed
    assert 'Step #2 - "plan": 2 stacks, 0 without changes' in said, "a pull request plans what it is about"
    assert budgets(home, "churn") == {"1500", "1100", "3300"}
    assert said.index('"deploy":   nonproduction-churn') < said.index('"next":   production-churn')
    assert said.index('"next":   production-churn') < said.index('"deploy":   production-churn')
    assert said.count("Permission 'cloudbuild.builds.list' denied") == 1, "who wrote it does not approve"
    (report,) = objects(home, names_of(installation).plan_bucket(), "drift/")
    stack, change = (line for line in report.decode().splitlines()[1:] if line)
    assert (stack, "google_storage_bucket.definitions" in change, "versioning" in change) == (
        "## production-churn",
        True,
        True,
    ), change

    command = ("build", "run", "infrastructure", "--event", "push", "--trigger", "apply-production")
    assert blueprint(*command, *EXAMPLE, cwd=home).returncode == 5
    older = approval(home, "infrastructure", OTTO, "--trigger", "apply-production")
    assert stopped(older, "deploy", "was planned before the state that is there now"), older.stdout
