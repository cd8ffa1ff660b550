"""Real Terraform as a deploying identity: a perimeter lets it pass from the workplace, and not from the internet."""

import pytest

from sandbox import redirect, violations
from sandbox.errors import SandboxError
from sandbox.session import running
from tests.sandbox.physics.test_rules import filled, load, made
from tests.terraform_folder import SCHEMA

MAKER = "maker@seed.iam.gserviceaccount.com"
STACK = f"""
terraform {{
  required_providers {{
    google = {{ source = "hashicorp/google" }}
  }}
}}
provider "google" {{
  impersonate_service_account = "{MAKER}"
}}
resource "google_storage_bucket" "there" {{
  name     = "made-from-afar"
  location = "EU"
  project  = "inner"
}}
"""
BESIDE = {
    "google_project_service inner/storage.googleapis.com": {"project": "inner", "service": "storage.googleapis.com"},
    f"google_service_account projects/seed/serviceAccounts/{MAKER}": {},
    "google_project_iam_member inner/maker": {
        "project": "inner",
        "role": "roles/storage.admin",
        "member": f"serviceAccount:{MAKER}",
    },
}


@pytest.fixture
def cloud(tmp_path):
    with running(tmp_path / ".sandbox", schema=SCHEMA) as cloud:
        made(cloud.store, filled(cloud.store, load("perimeters_pass")["world"] | BESIDE))
        (tmp_path / "main.tf").write_text(STACK)
        assert cloud.terraform(["init"], cwd=tmp_path).returncode == 0
        yield cloud


def test_a_deploy_from_the_internet_is_refused_and_noted_and_one_from_the_workplace_is_not(
    cloud, tmp_path, monkeypatch
):
    monkeypatch.setenv(redirect.ORIGIN, "internet")
    refused = cloud.terraform(["apply", "-auto-approve", "-no-color"], cwd=tmp_path)
    assert refused.returncode == 1
    told = " ".join((refused.stdout + refused.stderr).split())
    assert "Error 403: Request is prohibited by organization's policy" in told
    assert "rule sandbox/physics/rules/perimeters_pass.py" in told
    line = violations.noted(tmp_path / ".sandbox")[-1]
    assert (line["principal"], line["origin"]) == (f"serviceAccount:{MAKER}", "internet")
    monkeypatch.delenv(redirect.ORIGIN)
    passed = cloud.terraform(["apply", "-auto-approve"], cwd=tmp_path)
    assert passed.returncode == 0, passed.stderr


def test_what_runs_as_an_account_stands_in_its_project_and_a_wrong_origin_is_named(cloud, tmp_path, monkeypatch):
    as_itself = cloud.terraform(["apply", "-auto-approve"], cwd=tmp_path, acting=MAKER)
    assert as_itself.returncode == 1
    assert violations.noted(tmp_path / ".sandbox")[-1]["origin"] == "seed"
    monkeypatch.setenv(redirect.ORIGIN, "the moon")
    with pytest.raises(SandboxError, match="BLUEPRINT_SANDBOX_ORIGIN: 'the moon' is no origin"):
        cloud.environment()
